import { createHash, type Hash } from 'node:crypto'
import { fdatasync, read, write } from 'node:fs'
import { promisify } from 'node:util'
import type { LinearMemory } from '../records/linear-memory.ts'

/** The number of a running SHA-256. */
export type DigestId = number

/**
 * Moves bytes between files and linear memory, and hashes them on the way. Calls on one digest are taken in the order
 * in which they were made. Memory that a call names must not change until it settles.
 */
export interface ByteIo {
  /** Fills memory from a file at `position`, as far as the file goes; returns how many bytes that was. */
  read(fd: number, address: number, byteLength: number, position: number, digest?: DigestId): Promise<number>
  /** Writes all of it. Rejects with what the system said, such as ENOSPC. */
  write(fd: number, address: number, byteLength: number, position: number, digest?: DigestId): Promise<void>
  /** Hashes bytes that came another way. */
  hash(digest: DigestId, address: number, byteLength: number): Promise<void>
  /** Pushes what was written to the medium. */
  sync(fd: number): Promise<void>
  openDigest(): DigestId
  /** The digest of everything so far, in hexadecimal; ends it. */
  closeDigest(digest: DigestId): Promise<string>
  close(): Promise<void>
}

/** From here on a thread for I/O pays: it costs about 50 ms until it runs, and 18 MB. */
export const LARGE_INPUT_BYTES: number = 24 << 20

/** Does the work with the thread pool, and hashes on the calling thread: best for little data. */
export function pooledIo(linear: LinearMemory): ByteIo {
  const hashes = new Map<DigestId, Hash>()
  let digests = 0
  const update = (digest: DigestId | undefined, address: number, byteLength: number) => {
    if (digest !== undefined) hashes.get(digest)?.update(linear.bytes.subarray(address, address + byteLength))
  }
  return {
    read: async (fd, address, byteLength, position, digest) => {
      let done = 0
      while (done < byteLength) {
        const { bytesRead } = await readOnce(fd, linear.bytes, address + done, byteLength - done, position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      update(digest, address, done)
      return done
    },
    write: async (fd, address, byteLength, position, digest) => {
      update(digest, address, byteLength)
      for (let done = 0; done < byteLength; ) {
        const { bytesWritten } = await writeOnce(fd, linear.bytes, address + done, byteLength - done, position + done)
        done += bytesWritten
      }
    },
    hash: async (digest, address, byteLength) => update(digest, address, byteLength),
    sync: promisify(fdatasync),
    openDigest: () => {
      hashes.set(digests, createHash('sha256'))
      return digests++
    },
    closeDigest: async (digest) => {
      const hex = hashes.get(digest)?.digest('hex') ?? ''
      hashes.delete(digest)
      return hex
    },
    close: async () => {},
  }
}

const readOnce = promisify(read)
const writeOnce = promisify(write)
