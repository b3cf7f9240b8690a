import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { LinearMemory } from '../records/linear-memory.ts'

/** A running SHA-256 over pieces of linear memory. */
export interface Digest {
  /** Settles when the bytes may change. Calls are taken in order; no need to wait in between. */
  update(address: number, byteLength: number): Promise<void> | undefined
  /** The digest of all updates, in hexadecimal. */
  digest(): Promise<string>
}

/** Makes digests; all of one helper share its thread. */
export interface DigestHelper {
  create(): Digest
  close(): Promise<void>
}

/** Hashes on the calling thread: best for little data, where starting a thread would cost more. */
export function inlineDigests(linear: LinearMemory): DigestHelper {
  return {
    create: () => {
      const hash = createHash('sha256')
      return {
        update: (address, byteLength) => {
          hash.update(linear.bytes.subarray(address, address + byteLength))
          return undefined
        },
        digest: async () => hash.digest('hex'),
      }
    },
    close: async () => {},
  }
}

/**
 * Hashes on a thread beside, which reads the shared memory: on one core SHA-256 costs more than all other work on a
 * row together. The thread holds no row data and ends with `close`.
 */
export function threadDigests(linear: LinearMemory): DigestHelper {
  const file = import.meta.url.endsWith('.ts') ? './digest-thread.ts' : './digest-thread.js'
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: linear.memory,
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
    stdout: false,
    stderr: false,
  })
  worker.unref()
  const waiting: { resolve(value: string): void; reject(error: Error): void }[] = []
  let failure: Error | undefined
  const fail = (error: Error) => {
    failure = error
    for (const call of waiting.splice(0)) call.reject(error)
  }
  // The thread answers every message, in order: the digest for `digest`, an empty string for `update`.
  worker.on('message', (answer: string) => {
    waiting.shift()?.resolve(answer)
    if (waiting.length === 0) worker.unref()
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the hashing thread ended')))
  const call = (message: DigestMessage) => {
    if (failure !== undefined) return Promise.reject(failure)
    worker.ref()
    worker.postMessage(message)
    return new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }))
  }
  let digests = 0
  return {
    create: () => {
      const id = digests++
      return {
        update: async (address, byteLength) => void (await call({ id, address, byteLength })),
        digest: () => call({ id }),
      }
    },
    close: async () => void (await worker.terminate()),
  }
}

/** Without an address it asks for the digest. */
export interface DigestMessage {
  readonly id: number
  readonly address?: number
  readonly byteLength?: number
}
