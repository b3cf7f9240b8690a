import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { LinearMemory } from '../records/linear-memory.ts'
import { abortable } from './abortable.ts'
import type { ByteIo, DigestId } from './byte-io.ts'
import { readError } from './read-error.ts'
import { writing } from './write-error.ts'

/** Bytes in order, read straight into linear memory. */
export interface ByteInput {
  /** Fills [address, address + byteLength) as far as the input goes; fewer bytes than asked mean its end. */
  read(address: number, byteLength: number): Promise<number>
  /** Of the file behind it, where its bytes are others; known when all has been read. */
  readonly file?: { readonly bytes: number; readonly sha256: string }
  close(): Promise<void>
}

/** A local file from `position` on. Throws `source-not-found`, `source-failed`. */
export async function openFileInput(io: ByteIo, path: string, digest?: DigestId): Promise<ByteInput> {
  const file = await open(path, 'r').catch((error) => {
    throw readError(error, path, 'source-not-found')
  })
  let at = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: async (address, byteLength) => {
      try {
        const reading = io.read(file.fd, address, byteLength, at, digest)
        last = reading
        const bytesRead = await reading
        at += bytesRead
        return bytesRead
      } catch (error) {
        throw readError(error, `${path} at byte ${at}`, 'source-failed')
      }
    },
    // Not under a read ahead that nobody will ask for any more: its descriptor may soon be another file's.
    close: async () => {
      await last.catch(() => {})
      await file.close()
    },
  }
}

/**
 * A stream of bytes, such as stdin: copied once, for its chunks come in memory of their own. The signal ends the wait
 * for a writer that may never write again.
 */
export function streamInput(
  linear: LinearMemory,
  io: ByteIo,
  stream: Readable,
  { name, digest, signal }: { readonly name: string; readonly digest?: DigestId; readonly signal: AbortSignal },
): ByteInput {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>
  let rest: Buffer = Buffer.alloc(0)
  const pull = async () => {
    const next = chunks.next().catch((error) => {
      throw readError(error, name, 'source-failed')
    })
    const { done, value } = await abortable(next, signal)
    if (done) return false
    rest = typeof value === 'string' ? Buffer.from(value) : value
    return true
  }
  return {
    read: async (address, byteLength) => {
      let filled = 0
      while (filled < byteLength) {
        if (rest.length === 0 && !(await pull())) break
        const taken = rest.copy(linear.bytes, address + filled, 0, byteLength - filled)
        rest = rest.subarray(taken)
        filled += taken
      }
      if (digest !== undefined) await io.hash(digest, address, filled)
      return filled
    },
    // The iterator's `return` would wait for a chunk that may never come.
    close: async () => void stream.destroy(),
  }
}

/** The same bytes, kept in a file as well: for an input that cannot be read twice. */
export function spooling(linear: LinearMemory, input: ByteInput, path: string): ByteInput {
  const spool = open(path, 'w', 0o600)
  // Whoever reads will hear of it.
  spool.catch(() => {})
  return {
    get file() {
      return input.file as NonNullable<ByteInput['file']>
    },
    read: async (address, byteLength) => {
      const filled = await input.read(address, byteLength)
      await writing(path, async () => {
        const file = await spool
        for (let written = 0; written < filled; ) {
          const { bytesWritten } = await file.write(linear.bytes, address + written, filled - written)
          written += bytesWritten
        }
      })
      return filled
    },
    close: async () => {
      await input.close()
      const file = await spool.catch(() => undefined)
      await file?.close()
    },
  }
}
