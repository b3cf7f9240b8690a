import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from './byte-io.ts'

/** Bytes on their way to where no reader can see them: ask for a buffer, fill it, `write`; at the end `seal`. */
export interface StagedOutput {
  readonly linear: LinearMemory
  /** Written so far. */
  readonly bytes: number
  /** The address of at least `byteLength` bytes to fill; waits for an earlier write: this is the backpressure. */
  buffer(byteLength: number): Promise<number>
  /** Appends the first bytes of the buffer. Throws what an earlier write failed with. */
  write(byteLength: number): Promise<void>
  /** Everything is where it belongs when this resolves. */
  seal(): Promise<SealedBytes>
  /** Gives handles and memory back, sealed or not. */
  close(): Promise<void>
}

/** Plain JSON. */
export interface SealedBytes {
  /** The local file that holds them, or the address of the object. */
  readonly path: string
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
  /** What only the target knows what to do with, such as the parts of an upload. */
  readonly staged?: unknown
}

export interface OutputResources {
  readonly linear: LinearMemory
  readonly io: ByteIo
  /** True when the bytes will be read and written anew. */
  readonly rewritable: boolean
}
