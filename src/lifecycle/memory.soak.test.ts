import assert from 'node:assert/strict'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endOf, startScript } from './testing/children.ts'
import { sandbox } from './testing/sandbox.ts'

const ROWS = 1_000_000
const MOST = 200e6
const SCRIPT = fileURLToPath(new URL('./testing/memory-run.ts', import.meta.url))

describe('the memory of a run of a million rows', () => {
  const shapes: [string, (row: number) => string, (rows: number) => number][] = [
    ['of which every one is faulty', (row) => `${row},x\n`, (rows) => rows],
    ['of which every one is refused by a transform', (row) => `${row},"Name, ${row}",no mail\n`, (rows) => rows],
    ['of which every one breaks a rule', (row) => `${row},"Name, ${row}",under_${row}@example.org\n`, (rows) => rows],
    [
      'of which half are duplicates',
      (row) => `${row % (ROWS / 2)},"Name, ${row}",m${row}@example.org\n`,
      (rows) => rows / 2,
    ],
  ]
  for (const [what, rowText, expected] of shapes) {
    it(`${what} stays below 200 MB`, async () => {
      using box = sandbox('memory')
      const input = join(box.path, 'in.csv')
      writeRows(input, rowText)
      const run = { input, target: join(box.path, 'out.csv'), state: join(box.path, 'state') }
      const { result } = await endOf(startScript(SCRIPT, run))
      const { status, rejected, peak } = result
      assert.deepEqual([status, rejected], ['committed', expected(ROWS)])
      console.log(`# ${what}: ${Math.round(peak / 1e6)} MB`)
      assert.ok(peak < MOST, `${peak} bytes`)
    })
  }
})

function writeRows(path: string, rowText: (row: number) => string): void {
  const file = openSync(path, 'w')
  writeSync(file, 'id,name,email\n')
  for (let from = 0; from < ROWS; from += 10_000) {
    writeSync(file, Array.from({ length: 10_000 }, (_, at) => rowText(from + at)).join(''))
  }
  closeSync(file)
}
