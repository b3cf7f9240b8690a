import assert from 'node:assert/strict'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'
import { endOf, startScript } from './testing/children.ts'
import { sandbox } from './testing/sandbox.ts'

const MB = 1e6
const SCRIPT = fileURLToPath(new URL('./testing/memory-run.ts', import.meta.url))
const FEW = 1_000_000
const MANY = 3 * FEW
/** What a run may take more for 180 MB more of input: the heap of JavaScript is never twice the same. */
const MARGIN = 45 * MB
const MOST = 260 * MB

describe('the memory of a run into Parquet or a table', () => {
  before(ensureBuilt)

  for (const target of ['out.parquet', 'out/']) {
    it(`does not grow with the input: ${target}`, async () => {
      const [few, many] = [await peakOf(FEW, target, () => 0), await peakOf(MANY, target, () => 0)]
      report(target, few, many)
    })
  }

  // Of 28 each has its file open all the time; of 100 most rows are divided by way of scratch.
  for (const partition of ['bucket(28, id)', 'bucket(100, id)']) {
    it(`does not grow with the input: ${partition}`, async () => {
      const of = (rows: number) => peakOf(rows, 'lake', () => 0, partition)
      report(partition, await of(FEW), await of(MANY))
    })
  }

  it('does not grow with rows that are taken out of row groups', async () => {
    // One record in fifty comes a second time, so that every row group is encoded anew.
    const rejected = (rows: number) => Math.floor(rows / 50)
    const few = await peakOf(FEW, 'out.parquet', rejected)
    report('with late rejects', few, await peakOf(MANY, 'out.parquet', rejected))
  })
})

function report(what: string, few: number, many: number): void {
  const megabytes = (bytes: number) => `${Math.round(bytes / MB)} MB`
  console.log(`# ${what}: ${megabytes(few)} for ${FEW} rows, ${megabytes(many)} for ${MANY}`)
  assert.ok(many < MOST, megabytes(many))
  assert.ok(many - few < MARGIN, `${megabytes(few)}, then ${megabytes(many)}`)
}

/** The peak of a process that runs such an input, which is made and gone again. */
async function peakOf(
  rows: number,
  target: string,
  rejected: (rows: number) => number,
  partition?: string,
): Promise<number> {
  using box = sandbox('parquet-memory')
  const input = join(box.path, 'in.csv')
  const duplicates = rejected(rows) > 0
  writeRows(input, rows, (row) => (duplicates && row % 50 === 49 ? row - 1 : row))
  const run = { input, target: join(box.path, target), state: join(box.path, 'state'), partition }
  const { result } = await endOf(startScript(SCRIPT, run))
  assert.deepEqual([result.status, result.rejected], ['committed', rejected(rows)])
  return result.peak
}

function writeRows(path: string, rows: number, idOf: (row: number) => number): void {
  const file = openSync(path, 'w')
  writeSync(file, 'id,name,city,email\n')
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, at) => {
      const row = from + at
      return `${idOf(row)},${(row * 2_654_435_761) % 4_294_967_296} some name of a customer,city ${row % 900},m${row}@example.org\n`
    })
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}
