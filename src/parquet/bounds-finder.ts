import type { Kernels } from '../records/kernels/kernels.ts'
import type { LinearMemory } from '../records/linear-memory.ts'
import { cutBounds } from './cut-bounds.ts'
import type { Layout } from './layout.ts'
import type { Bounds } from './statistics.ts'
import { uuidOrdersAgree } from './uuid-order.ts'

/** Gathers the bounds of a column chunk from its pages, and counts NaN. */
export class BoundsFinder {
  readonly #linear: LinearMemory
  readonly #kernels: Kernels
  readonly #layout: Layout
  readonly #isText: boolean
  readonly #found: number
  #min: Buffer | undefined
  #max: Buffer | undefined
  #nans = 0

  constructor(linear: LinearMemory, kernels: Kernels, layout: Layout, isText: boolean) {
    this.#linear = linear
    this.#kernels = kernels
    this.#layout = layout
    this.#isText = isText
    this.#found = linear.reserve(8)
  }

  /** Takes PLAIN values into account, booleans as bytes. */
  add(values: number, count: number): void {
    const { words } = this.#linear
    if (count === 0) return
    this.#find(values, count)
    const at = this.#found >>> 2
    const [low, high] = [words[at] as number, words[at + 1] as number]
    if (low === 0) return
    const [min, max] = [this.#valueAt(low), this.#valueAt(high)]
    // The copies are made only when they are kept.
    if (this.#min === undefined || this.#isBefore(min, this.#min)) this.#min = Buffer.from(min)
    if (this.#max === undefined || this.#isBefore(this.#max, max)) this.#max = Buffer.from(max)
  }

  /** What was found; begins anew. */
  take(): { readonly bounds: Bounds | undefined; readonly nans: number | undefined } {
    const [min, max, nans] = [this.#min, this.#max, this.#nans]
    this.#min = undefined
    this.#max = undefined
    this.#nans = 0
    return {
      bounds: min === undefined || max === undefined ? undefined : kept(this.#bounds(min, max)),
      nans: this.#layout.order === 'float64' ? nans : undefined,
    }
  }

  free(): void {
    this.#linear.release(this.#found)
  }

  #find(values: number, count: number): void {
    const kernels = this.#kernels
    const { order, width } = this.#layout
    if (order === 'text') kernels.findTextBounds(values, count, this.#found)
    else if (order === 'int32') kernels.findInt32Bounds(values, count, this.#found)
    else if (order === 'int64') kernels.findInt64Bounds(values, count, this.#found)
    else if (order === 'float64') this.#nans += kernels.findFloat64Bounds(values, count, this.#found)
    else kernels.findBytesBounds(values, count, width, order === 'signed', this.#found)
  }

  #valueAt(address: number): Buffer {
    const { bytes } = this.#linear
    if (this.#layout.order !== 'text') return bytes.subarray(address, address + this.#layout.width)
    return bytes.subarray(address + 4, address + 4 + bytes.readUInt32LE(address))
  }

  #isBefore(a: Buffer, b: Buffer): boolean {
    return BEFORE[this.#layout.order](a, b)
  }

  #bounds(min: Buffer, max: Buffer): Bounds | undefined {
    const { order } = this.#layout
    if (order === 'uuid' && !uuidOrdersAgree(min, max)) return undefined
    if (order === 'text') return cutBounds(min, max, this.#isText)
    // Zeros of both signs are equal, so the bounds must have room for both (parquet.thrift: ColumnOrder).
    if (order === 'float64' && min.readDoubleLE() === 0) min.writeDoubleLE(-0)
    if (order === 'float64' && max.readDoubleLE() === 0) max.writeDoubleLE(0)
    return { min, max, minIsExact: true, maxIsExact: true }
  }
}

/**
 * They live as long as the file, with its footer. A small Buffer is a piece of a pool, and would keep all of that: as much
 * for each as a whole page.
 */
function kept(bounds: Bounds | undefined): Bounds | undefined {
  return bounds && { ...bounds, min: new Uint8Array(bounds.min), max: new Uint8Array(bounds.max) }
}

const BEFORE: Readonly<Record<Layout['order'], (a: Buffer, b: Buffer) => boolean>> = {
  text: (a, b) => a.compare(b) < 0,
  boolean: (a, b) => a.compare(b) < 0,
  uuid: (a, b) => a.compare(b) < 0,
  signed: (a, b) => signed(a) < signed(b),
  int32: (a, b) => a.readInt32LE() < b.readInt32LE(),
  int64: (a, b) => a.readBigInt64LE() < b.readBigInt64LE(),
  float64: (a, b) => a.readDoubleLE() < b.readDoubleLE(),
}

function signed(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}
