import { PAGE } from '../records/kernels/page-kernels.ts'
import type { LinearMemory } from '../records/linear-memory.ts'

/** The values of a page while it is filled: PLAIN, in linear memory, and a bit for each row that says whether it has one. */
export class PageBuffer {
  /** What kernels know it by. */
  readonly address: number
  readonly #linear: LinearMemory
  readonly #levels: number
  #values: number
  #size: number

  constructor(linear: LinearMemory) {
    this.#linear = linear
    this.address = linear.reserve(64)
    this.#levels = linear.reserve((PAGE_ROWS + SLICE_ROWS) / 8)
    this.#size = FIRST_BYTES
    this.#values = linear.reserve(this.#size)
    this.clear()
  }

  /** Nulls included. */
  get rows(): number {
    return this.#word(PAGE.level)
  }

  get count(): number {
    return this.#word(PAGE.values)
  }

  get values(): number {
    return this.#values
  }

  get levels(): number {
    return this.#levels
  }

  get byteLength(): number {
    return this.#word(PAGE.out) - this.#values
  }

  /** Bytes there is room for. */
  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.rows >= PAGE_ROWS || this.byteLength >= PAGE_BYTES
  }

  /** False when the page is as large as a page should be. One that holds no row takes a value of any size. */
  grow(): boolean {
    if (this.#size >= PAGE_BYTES && this.rows > 0) return false
    const old = this.#values
    const { byteLength } = this
    this.#size *= 2
    this.#values = this.#linear.reserve(this.#size)
    this.#linear.bytes.copyWithin(this.#values, old, old + byteLength)
    this.#linear.release(old)
    this.#set(PAGE.out, this.#values + byteLength)
    this.#set(PAGE.limit, this.#values + this.#size)
    return true
  }

  clear(): void {
    // A single value took more.
    if (this.#size > PAGE_BYTES) this.#resize(PAGE_BYTES)
    this.#set(PAGE.out, this.#values)
    this.#set(PAGE.limit, this.#values + this.#size)
    this.#set(PAGE.levels, this.#levels)
    this.#set(PAGE.level, 0)
    this.#set(PAGE.values, 0)
  }

  /** To the room of a page that was never filled; it must be empty. */
  shrink(): void {
    if (this.#size > FIRST_BYTES) this.#resize(FIRST_BYTES)
    this.clear()
  }

  #resize(size: number): void {
    this.#linear.release(this.#values)
    this.#size = size
    this.#values = this.#linear.reserve(size)
  }

  free(): void {
    for (const address of [this.address, this.#levels, this.#values]) this.#linear.release(address)
  }

  #word(offset: number): number {
    return this.#linear.words[(this.address >>> 2) + offset] as number
  }

  #set(offset: number, value: number): void {
    this.#linear.words[(this.address >>> 2) + offset] = value
  }
}

/** A table of a thousand columns must not take a full page for each. */
const FIRST_BYTES = 8 << 10
const PAGE_BYTES = 512 << 10
const PAGE_ROWS = 32_768
/** Rows that are put into a page at a time, at most. */
export const SLICE_ROWS = 4096
