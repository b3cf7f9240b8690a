import { fdatasync } from 'node:fs'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from './byte-io.ts'
import * as ring from './io-ring.ts'
import { takeIoThread } from './start-io-thread.ts'

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
  readonly #failures = new Map<number, (failure: ring.IoFailure) => void>()
  readonly #taken = new Set<number>()
  /** Who waits for a slot, first come, first served: requests are taken in the order in which they are made. */
  readonly #waiting: ((slot: number) => void)[] = []
  #next = 0
  /** Requests under way: as long as there are some, the thread keeps the process alive. */
  #open = 0
  #dead: Error | undefined

  constructor(linear: LinearMemory) {
    const { worker, ring: shared } = takeIoThread(linear.memory)
    this.#words = new Int32Array(shared)
    this.#worker = worker
    this.#worker.on('message', (failure: ring.IoFailure) => this.#failures.get(failure.slot)?.(failure))
    this.#worker.on('error', (error) => this.#die(error as Error))
    this.#worker.on('exit', () => this.#die(new Error('the I/O thread ended')))
    // Last, for whoever listens to messages keeps the process alive.
    this.#worker.unref()
  }

  async ask<R>(request: Request, result: (words: Int32Array, at: number) => R): Promise<R> {
    if (this.#open++ === 0) this.#worker.ref()
    const slot = await this.#slot()
    const base = slot * ring.SLOT_WORDS
    try {
      if (this.#dead !== undefined) throw this.#dead
      const failed = new Promise<ring.IoFailure>((resolve) => this.#failures.set(slot, resolve))
      this.#put(base, request)
      const state = await this.#settled(base)
      if (this.#dead !== undefined) throw this.#dead
      if (state === ring.FAILED) throw asError(await failed)
      return result(this.#words, base + ring.RESULT)
    } finally {
      this.#failures.delete(slot)
      Atomics.store(this.#words, base, ring.FREE)
      this.#release(slot)
      if (--this.#open === 0) this.#worker.unref()
    }
  }

  /** Whoever waits gets an error; the thread ends where it stands. */
  async close(): Promise<void> {
    this.#die(new Error('the I/O was closed'))
    await this.#worker.terminate()
  }

  /** The next slot, for the thread takes them in this order; waits while the ring is full. */
  #slot(): number | Promise<number> {
    if (this.#waiting.length === 0 && !this.#taken.has(this.#next)) return this.#take()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #take(): number {
    const slot = this.#next
    this.#taken.add(slot)
    this.#next = (slot + 1) % ring.SLOTS
    return slot
  }

  #release(slot: number): void {
    this.#taken.delete(slot)
    while (this.#waiting.length > 0 && !this.#taken.has(this.#next)) this.#waiting.shift()?.(this.#take())
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
    const unknown = { code: undefined, errno: undefined, syscall: undefined }
    for (const [slot, fail] of this.#failures) fail({ slot, message: error.message, ...unknown })
  }
}

function nothing(): void {}

function hexAt(words: Int32Array, at: number): string {
  return Buffer.from(new Uint8Array(words.buffer, at * 4, 32)).toString('hex')
}

function asError({ message, code, errno, syscall }: ring.IoFailure): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code, errno, syscall })
}
