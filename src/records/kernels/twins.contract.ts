import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LinearMemory, SLACK } from '../linear-memory.ts'
import { DOOMED, ESCAPED, GONE, LIVE, QUOTED } from '../span.ts'
import type { Kernels } from './kernels.ts'
import { IMPLEMENTATIONS } from './span-kernel.contract.ts'

// As long as they may be: short arrays seldom reach a second block of 64 bytes.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

/**
 * One memory with regions that cases share: `text` for input, `shared` for what kernels only read, and for each
 * implementation a region that it writes. Both start with the same garbage, so a byte that one kernel writes and the
 * other does not shows up.
 */
export class Twins {
  readonly linear: LinearMemory = new LinearMemory()
  readonly text: number = this.linear.reserve(REGION)
  readonly shared: number = this.linear.reserve(REGION)
  readonly #outputs: readonly number[] = [this.linear.reserve(REGION), this.linear.reserve(REGION)]
  readonly #kernels = [IMPLEMENTATIONS['wasm']!(this.linear), IMPLEMENTATIONS['javascript']!(this.linear)]

  /** Writes bytes at `address`, and behind them what a kernel must not take for a part of them. */
  put(address: number, bytes: Uint8Array): number {
    this.linear.bytes.set(bytes, address)
    this.linear.bytes.fill(0x22, address + bytes.length, address + bytes.length + SLACK)
    return address
  }

  putWords(address: number, words: readonly number[]): number {
    this.linear.words.set(words, address >>> 2)
    return address
  }

  /** Calls both implementations, each with its own output region of `length` bytes, and compares all that they tell. */
  check<T>(length: number, call: (kernels: Kernels, out: number) => T): T {
    const [wasm, javascript] = this.#kernels.map((kernels, index) => {
      const out = this.#outputs[index]!
      this.linear.bytes.fill(0x5a, out, out + length + SLACK)
      return call(kernels, out)
    })
    assert.deepEqual(wasm, javascript)
    return wasm as T
  }

  /** The bytes at `address` as a value to compare. */
  bytesAt(address: number, length: number): string {
    return this.linear.bytes.toString('hex', address, address + length)
  }

  wordsAt(address: number, count: number): readonly number[] {
    return [...this.linear.words.subarray(address >>> 2, (address >>> 2) + count)]
  }

  /** A list that a kernel wrote: a count, then row indices. */
  listAt(address: number): readonly number[] {
    return this.wordsAt(address + 4, this.linear.words[address >>> 2]!)
  }
}

const REGION = 1 << 20

/** Row flags as they occur. */
export const liveMasks: fc.Arbitrary<Uint8Array> = fc
  .array(fc.constantFrom(LIVE, LIVE, LIVE, GONE, DOOMED), { maxLength: 70 })
  .map((flags) => Uint8Array.from(flags))

/** A cell: its bytes and the flags of its span. */
export interface Cell {
  readonly bytes: Uint8Array
  readonly flags: number
}

const flags = fc.constantFrom(0, 0, 0, QUOTED, (QUOTED | ESCAPED) >>> 0)
const contents = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(255, 256, 257, 263, 264, 511, 512, 513).map((n) => bytesOf(n)) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
)

export const cells: fc.Arbitrary<Cell> = fc.record({ bytes: contents, flags })

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7)
}

/** Puts cells one behind another into the text (at any alignment), and their spans at `spans`. */
export function putCells(
  twins: Twins,
  column: readonly Cell[],
  { shift = 0, spans = twins.shared, stride = 8 }: { shift?: number; spans?: number; stride?: number },
): void {
  let at = twins.text + shift
  column.forEach(({ bytes, flags }, row) => {
    twins.put(at + 1, bytes)
    const end = at + 1 + bytes.length
    twins.putWords(spans + row * stride, [at + 1, (end | flags) >>> 0])
    at = end + 2
  })
}
