import { fdatasync } from 'node:fs'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from './byte-io.ts'
import * as ring from './io-ring.ts'

/**
 * Does the work on a thread beside, which reads, writes and hashes in the shared memory. On one core SHA-256 alone
 * costs as much as all other work on a row. The thread holds no row data of its own and ends with `close`.
 */
export function threadIo(linear: LinearMemory): ByteIo {
  const requests = new Requests(linear)
  let digests = 0
  const none = ring.NO_DIGEST
  return {
    read: (fd, address, length, position, digest = none) =>
      requests.ask({ operation: ring.READ, fd, address, length, position, digest }, (words, at) => words[at] as number),
    write: (fd, address, length, position, digest = none) =>
      requests.ask({ operation: ring.WRITE, fd, address, length, position, digest }, nothing),
    hash: (digest, address, length) =>
      requests.ask({ operation: ring.HASH, fd: 0, address, length, position: 0, digest }, nothing),
    // In the thread pool: it may take long, and reading must not wait for it.
    sync: promisify(fdatasync),
    openDigest: () => digests++,
    closeDigest: (digest) =>
      requests.ask({ operation: ring.CLOSE_DIGEST, fd: 0, address: 0, length: 0, position: 0, digest }, hexAt),
    close: () => requests.close(),
  }
}

interface Request {
  readonly operation: number
  readonly fd: number
  readonly address: number
  readonly length: number
  readonly position: number
  readonly digest: number
}

/** Puts requests into the ring and tells when they are done. */
class Requests {
  readonly #words: Int32Array
  readonly #worker: Worker
  /** For each slot, when the request in it is over. */
  readonly #slots: (Promise<void> | undefined)[] = new Array(ring.SLOTS)
  readonly #failures = new Map<number, (failure: ring.IoFailure) => void>()
  #next = 0
  /** Requests under way: as long as there are some, the thread keeps the process alive. */
  #open = 0
  #dead: Error | undefined

  constructor(linear: LinearMemory) {
    const shared = new SharedArrayBuffer(ring.SLOTS * ring.SLOT_WORDS * 4)
    this.#words = new Int32Array(shared)
    const file = import.meta.url.endsWith('.ts') ? './io-thread.ts' : './io-thread.js'
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: { memory: linear.memory, ring: shared } satisfies ring.IoThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
    })
    this.#worker.unref()
    this.#worker.on('message', (failure: ring.IoFailure) => this.#failures.get(failure.slot)?.(failure))
    this.#worker.on('error', (error) => this.#die(error as Error))
    this.#worker.on('exit', () => this.#die(new Error('the I/O thread ended')))
  }

  async ask<R>(request: Request, result: (words: Int32Array, at: number) => R): Promise<R> {
    if (this.#dead !== undefined) throw this.#dead
    // Slots are taken in the order of the calls, as the thread serves them; whoever comes to a slot in use waits.
    const slot = this.#next
    this.#next = (slot + 1) % ring.SLOTS
    const base = slot * ring.SLOT_WORDS
    const before = this.#slots[slot]
    const { promise, resolve: free } = Promise.withResolvers<void>()
    this.#slots[slot] = promise
    if (this.#open++ === 0) this.#worker.ref()
    await before
    const failed = new Promise<ring.IoFailure>((resolve) => this.#failures.set(slot, resolve))
    this.#put(base, request)
    try {
      if ((await this.#settled(base)) === ring.FAILED) throw asError(await failed)
      if (this.#dead !== undefined) throw this.#dead
      return result(this.#words, base + ring.RESULT)
    } finally {
      this.#failures.delete(slot)
      Atomics.store(this.#words, base, ring.FREE)
      if (--this.#open === 0) this.#worker.unref()
      free()
    }
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners('exit')
    await this.#worker.terminate()
  }

  #put(base: number, { operation, fd, address, length, position, digest }: Request): void {
    this.#words.set(
      [operation, fd, address, length, position | 0, Math.floor(position / 2 ** 32), digest],
      base + ring.OPERATION,
    )
    Atomics.store(this.#words, base, ring.ASKED)
    Atomics.notify(this.#words, base)
  }

  async #settled(base: number): Promise<number> {
    for (;;) {
      const waiting = Atomics.waitAsync(this.#words, base, ring.ASKED)
      if (waiting.async) await waiting.value
      const state = Atomics.load(this.#words, base)
      if (state !== ring.ASKED || this.#dead !== undefined) return state
    }
  }

  /** Wakes everybody who waits: nothing will be done any more. */
  #die(error: Error): void {
    this.#dead ??= error
    for (let slot = 0; slot < ring.SLOTS; slot++) Atomics.notify(this.#words, slot * ring.SLOT_WORDS)
  }
}

function nothing(): void {}

function hexAt(words: Int32Array, at: number): string {
  return Buffer.from(new Uint8Array(words.buffer, at * 4, 32)).toString('hex')
}

function asError({ message, code, errno, syscall }: ring.IoFailure): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code, errno, syscall })
}
