import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { type ColumnFunction, isRejection, type SpanKernel } from '../column-function.ts'
import { LinearMemory } from '../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE, LIVE, QUOTED } from '../span.ts'
import { javascriptKernels } from './javascript/index.ts'
import type { Kernels } from './kernels.ts'
import { wasmKernels } from './load.ts'

/** A cell of a test column: its bytes as text, and what the scanner found out about it. */
export interface TestCell {
  readonly text: string
  /** For bytes that are no UTF-8. */
  readonly encoding?: 'latin1'
  readonly escaped?: boolean
  readonly gone?: boolean
}

/** A column as the scanner would leave it: cells of a source with two columns, with neighbours close by. */
export class TestColumn {
  readonly linear: LinearMemory = new LinearMemory()
  readonly stride: number = 16
  readonly rows: number
  readonly spans: number
  readonly live: number
  readonly inputBytes: number

  constructor(cells: readonly TestCell[]) {
    const encoded = cells.map(({ text, encoding }) => Buffer.from(text, encoding))
    this.rows = cells.length
    this.inputBytes = encoded.reduce((sum, { length }) => sum + length, 0)
    const text = this.linear.reserve(this.inputBytes + 8 * cells.length)
    this.spans = this.linear.reserve(this.stride * (cells.length + 1))
    this.live = this.linear.reserve(cells.length)
    let at = text
    encoded.forEach((bytes, row) => {
      // What stands around a cell must never be taken for a part of it.
      at += this.linear.bytes.write('7@.é', at)
      this.linear.bytes.set(bytes, at)
      this.linear.words[(this.spans >>> 2) + 4 * row] = at
      at += bytes.length
      this.linear.words[(this.spans >>> 2) + 4 * row + 1] = (at | (cells[row]!.escaped ? QUOTED | ESCAPED : 0)) >>> 0
      this.linear.bytes[this.live + row] = cells[row]!.gone ? GONE : LIVE
    })
  }

  /** A list that a kernel wrote: its length, then the row indices. */
  list(address: number): number[] {
    const from = (address >>> 2) + 1
    return [...this.linear.words.subarray(from, from + this.linear.words[address >>> 2]!)]
  }
}

/** Both implementations of the kernels, by name. */
export const IMPLEMENTATIONS: Record<string, (linear: LinearMemory) => Kernels> = {
  wasm: (linear) => wasmKernels(linear) ?? assert.fail('this engine has no SIMD'),
  javascript: javascriptKernels,
}

interface Outcome {
  /** What the kernel made of each row; undefined for rows that it left to the function. */
  readonly texts: readonly (string | null | undefined)[]
  readonly slow: readonly number[]
}

function run(kernel: SpanKernel, cells: readonly TestCell[], load: (linear: LinearMemory) => Kernels): Outcome {
  const column = new TestColumn(cells)
  const { linear, rows, spans, stride, live, inputBytes } = column
  const capacity = kernel.capacity(inputBytes, rows)
  const out = linear.reserve(8 * rows)
  const slow = linear.reserve(4 * rows + 4)
  const tableBytes = kernel.table ?? new Uint8Array()
  const table = linear.reserve(tableBytes.length)
  const arena = linear.reserve(capacity) + 1
  linear.bytes.set(tableBytes, table)
  const end = kernel.run(load(linear), { spans, stride, rows, live, out, arena, table, slow })
  assert.ok(end <= arena + capacity, 'the arena overflows')

  const texts = cells.map(({ gone }, row) => {
    if (gone) return undefined
    const [from, to] = linear.words.subarray((out >>> 2) + 2 * row, (out >>> 2) + 2 * row + 2)
    assert.ok(from! >= arena && from! <= to! && to! <= end && to! <= ADDRESS, 'a span leaves the arena')
    return from === to ? null : linear.bytes.toString('latin1', from!, to!)
  })
  return { texts, slow: column.list(slow) }
}

/**
 * Proves for these cells that both implementations of the kernel give the same bytes and the same slow list, and that
 * the function agrees with every cell that they decide. Returns how many cells they decided.
 */
export function checkSpanKernel(
  columnFunction: ColumnFunction<string | null, string | null>,
  cells: readonly TestCell[],
): number {
  const kernel = columnFunction.kernel ?? assert.fail('the function offers no kernel')
  const wasm = run(kernel, cells, IMPLEMENTATIONS['wasm']!)
  const javascript = run(kernel, cells, IMPLEMENTATIONS['javascript']!)
  assert.deepEqual(wasm, javascript)
  const slow = new Set(wasm.slow)
  let decided = 0
  cells.forEach(({ text, escaped, gone }, row) => {
    if (slow.has(row)) assert.ok(!gone, 'a row that is gone is listed')
    if (gone || slow.has(row)) return
    assert.ok(!escaped || wasm.texts[row] === null, 'an escaped cell that is not blank is decided by its bytes')
    decided++
    assert.equal(wasm.texts[row], outcome(columnFunction, text === '' ? null : text), JSON.stringify(text))
  })
  return decided
}

/** The value, or the code of the rejection in brackets. */
export function outcome(columnFunction: ColumnFunction<string | null, string | null>, value: string | null): unknown {
  try {
    return columnFunction(value)
  } catch (error) {
    if (!isRejection(error)) throw error
    return `[${error.code}]`
  }
}
