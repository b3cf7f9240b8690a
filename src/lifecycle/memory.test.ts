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
/** So many rows that everything is as large as it gets: the thread for I/O is there, and keys spill. */
const FEW = 520_000
const MANY = 3 * FEW
/** What a run may take more for 110 MB more of input: the heap of JavaScript is never twice the same. */
const MARGIN = 45 * MB
const MOST = 230 * MB

const FILLER = 'x'.repeat(70)
const shapes: [what: string, rowText: (row: number, rows: number) => string, rejected: (rows: number) => number][] = [
  ['of good rows', (row) => `${row},${FILLER},m${row}@example.org\n`, () => 0],
  ['of which every one breaks a rule', (row) => `${row},${FILLER},under_${row}@example.org\n`, (rows) => rows],
  [
    'of which half are duplicates',
    (row, rows) => `${row % (rows / 2)},${FILLER},m${row}@example.org\n`,
    (rows) => rows / 2,
  ],
]

/** The peak of a run without such a field. */
let plain: number | undefined

describe('the memory of a run', () => {
  before(ensureBuilt)

  for (const [what, rowText, rejected] of shapes) {
    it(`does not grow with an input ${what}`, async () => {
      const [few, many] = [await peakOf(FEW, rowText, rejected(FEW)), await peakOf(MANY, rowText, rejected(MANY))]
      console.log(`# ${what}: ${megabytes(few)} for ${FEW} rows, ${megabytes(many)} for ${MANY}`)
      assert.ok(many < MOST, megabytes(many))
      assert.ok(many - few < MARGIN, `${megabytes(few)}, then ${megabytes(many)}`)
    })
  }

  for (const [what, open, close] of [
    ['plain', '', ''],
    ['quoted', '"', '"'],
    ['quoted and never closed', '"', ''],
  ] as const) {
    it(`is bounded by \`maxRecordBytes\` when a ${what} field has 50 MB`, async () => {
      plain ??= await peakOf(FEW, shapes[0]![1], 0)
      const field = (row: number) => {
        return row === 1000 ? `${row},${open}${'long field '.repeat(4_800_000)}${close},a@b.org\n` : good(row)
      }
      const peak = await peakOf(20_000, field, 1)
      console.log(`# a ${what} field of 50 MB: ${megabytes(peak)}; without it ${megabytes(plain)}`)
      assert.ok(peak - plain < MARGIN, `${megabytes(peak)}, without the field ${megabytes(plain)}`)
    })
  }
})

function good(row: number): string {
  return `${row},${FILLER},m${row}@example.org\n`
}

/** The peak of a process that runs such an input, which is made and gone again. */
async function peakOf(rows: number, rowText: (row: number, rows: number) => string, rejected: number): Promise<number> {
  using box = sandbox('memory')
  const input = join(box.path, 'in.csv')
  writeRows(input, rows, rowText)
  const run = { input, target: join(box.path, 'out.csv'), state: join(box.path, 'state') }
  const { result } = await endOf(startScript(SCRIPT, run))
  assert.deepEqual([result.status, result.rejected], ['committed', rejected])
  return result.peak
}

function writeRows(path: string, rows: number, rowText: (row: number, rows: number) => string): void {
  const file = openSync(path, 'w')
  writeSync(file, 'id,name,email\n')
  for (let from = 0; from < rows; from += 10_000) {
    writeSync(file, Array.from({ length: 10_000 }, (_, at) => rowText(from + at, rows)).join(''))
  }
  closeSync(file)
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`
}
