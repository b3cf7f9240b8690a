/**
 * One WebAssembly memory that input, field offsets, derived columns and output share, so that bytes are read
 * from disk into it, changed by kernels inside it and written from it, and never copied in between.
 *
 * The memory is shared, because a helper thread hashes from it and the thread pool reads and writes it.
 * Growing a shared memory keeps old views valid, but they do not cover the new end: always go through
 * `bytes` and `words` of this object and keep no view across a `reserve`.
 */
export class LinearMemory {
  readonly memory: WebAssembly.Memory
  bytes: Buffer
  /** The same memory as unsigned 32-bit words: the word at address `p` is `words[p >>> 2]`. */
  words: Uint32Array
  #end = PAGE
  /** The sizes of regions in use, by address. */
  readonly #used = new Map<number, number>()
  /** The addresses of those given back, by size: there are many regions of few sizes. */
  readonly #free = new Map<number, number[]>()

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true })
    this.bytes = Buffer.from(this.memory.buffer)
    this.words = new Uint32Array(this.memory.buffer)
  }

  /**
   * Reserves an aligned region, until it is released, and returns its address. Kernels load and store 16 bytes at a time and
   * may touch up to `SLACK` bytes past the last one they mean, so every region has that much room behind it.
   * Pages that nobody touches cost no memory.
   */
  reserve(byteLength: number): number {
    const size = align(byteLength + SLACK)
    const freed = this.#takeFree(size)
    if (freed !== undefined) return freed
    const at = this.#end
    const end = at + size
    if (end > MAXIMUM_PAGES * PAGE) throw new RangeError(`out of linear memory: ${end} bytes asked for`)
    const missing = end - this.bytes.length
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE))
      this.bytes = Buffer.from(this.memory.buffer)
      this.words = new Uint32Array(this.memory.buffer)
    }
    this.#end = end
    this.#used.set(at, size)
    return at
  }

  /** Gives a region back to whoever reserves one of about its size; once only, for it may belong to another by then. */
  release(address: number): void {
    const size = this.#used.get(address)
    if (size === undefined) return
    this.#used.delete(address)
    const alike = this.#free.get(size)
    if (alike === undefined) this.#free.set(size, [address])
    else alike.push(address)
  }

  /** The smallest free region that is large enough, unless most of it would lie idle. */
  #takeFree(size: number): number | undefined {
    let best = size * 2 + 1
    for (const free of this.#free.keys()) if (free >= size && free < best) best = free
    const alike = this.#free.get(best)
    const address = alike?.pop()
    if (address === undefined) return undefined
    if (alike?.length === 0) this.#free.delete(best)
    this.#used.set(address, best)
    return address
  }
}

/** Room behind every region for kernels that work in 16-byte steps. */
export const SLACK = 128

const PAGE = 65_536
const INITIAL_PAGES = 64
/** 1 GiB: span ends keep two flags in their upper bits (see `span.ts`). */
const MAXIMUM_PAGES = 16_384

function align(address: number): number {
  return Math.ceil(address / 64) * 64
}
