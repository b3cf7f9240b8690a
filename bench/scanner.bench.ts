/**
 * The scan kernel alone, on one core: megabytes a second of finding every cell of a file that lies in memory block by
 * block. Only the kernel is timed, not the reading. Prints one JSON line for each shape and exits with 1 when the
 * kernel finds other cells than csv-parse on the file's beginning, or other counts than the generator's in all.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { SCAN, SCAN_IRREGULAR } from '../src/records/kernels/kernels.ts'
import { loadKernels } from '../src/records/kernels/load.ts'
import { LinearMemory } from '../src/records/linear-memory.ts'
import { ADDRESS } from '../src/records/span.ts'
import { type DataSet, makeData } from './make-data.ts'
import { spread } from './measure/stats.ts'

const linear = new LinearMemory()
const kernels = loadKernels(linear)
const BLOCK = 512 * 1024
const input = linear.reserve(BLOCK)
/** A cell takes at least one byte of text and eight of span. */
const fields = linear.reserve(BLOCK * 8)
const result = linear.reserve(64)

interface Pass {
  readonly milliseconds: number
  readonly bytes: number
  readonly records: number
  readonly cells: number
}

const rows = Number(process.argv[2] ?? 1_000_000)
const passes = Number(process.argv[3] ?? 5)
for (const [data, columns] of [
  [makeData('reference', rows), 8],
  [makeData('wide', Math.max(10, rows / 5)), 30],
] as const) {
  checkCells(data)
  const timed = Array.from({ length: passes }, () => scanFile(data))
  for (const { records, cells, bytes } of timed) {
    expectEqual('records', records, data.rows + 1)
    expectEqual('cells', cells, (data.rows + 1) * columns)
    expectEqual('bytes', bytes, data.bytes)
  }
  const megabytes = spread(timed.map(({ bytes, milliseconds }) => bytes / 1e3 / milliseconds))
  process.stdout.write(
    `${JSON.stringify({ shape: columns === 8 ? 'reference' : 'wide', rows: data.rows, ...megabytes })}\n`,
  )
}

function scanFile({ path }: DataSet): Pass {
  const file = openSync(path, 'r')
  let [milliseconds, bytes, records, cells] = [0, 0, 0, 0]
  for (;;) {
    const read = readSync(file, linear.bytes, input, BLOCK, bytes)
    if (read === 0) break
    const startedAt = performance.now()
    const consumed = scan(read)
    milliseconds += performance.now() - startedAt
    if (consumed === 0) throw new Error(`${path}: no record ends in the ${BLOCK} bytes from ${bytes} on`)
    bytes += consumed
    records += linear.words[(result >>> 2) + SCAN.records]!
    cells += linear.words[(result >>> 2) + SCAN.fields]!
  }
  closeSync(file)
  return { milliseconds, bytes, records, cells }
}

/** Scans the block at `input` and returns how many bytes its complete records take. */
function scan(length: number): number {
  kernels.scan(input, input + length, fields, result, 44, 34)
  const { words } = linear
  if ((words[(result >>> 2) + SCAN.flags]! & SCAN_IRREGULAR) !== 0) throw new Error('irregular quote in a regular file')
  return words[(result >>> 2) + SCAN.consumed]! - input
}

/** Compares every cell of the first block with what csv-parse reads. */
function checkCells({ path }: DataSet): void {
  const file = openSync(path, 'r')
  const consumed = scan(readSync(file, linear.bytes, input, BLOCK, 0))
  closeSync(file)
  const expected = parse(Buffer.from(linear.bytes.subarray(input, input + consumed))).flat() as string[]
  expectEqual('cells of the first block', linear.words[(result >>> 2) + SCAN.fields]!, expected.length)
  for (const [index, cell] of expected.entries()) {
    const start = linear.words[(fields >>> 2) + index * 2]!
    const end = linear.words[(fields >>> 2) + index * 2 + 1]! & ADDRESS
    const text = Buffer.from(linear.bytes.subarray(start, end)).toString().replaceAll('""', '"')
    if (text !== cell) expectEqual(`cell ${index}`, JSON.stringify(text), JSON.stringify(cell))
  }
}

function expectEqual(what: string, actual: number | string, expected: number | string): void {
  if (actual !== expected) throw new Error(`the scanner's answer is wrong: ${what} is ${actual} instead of ${expected}`)
}
