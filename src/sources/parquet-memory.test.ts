import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endOf, startScript } from '../lifecycle/testing/children.ts'
import { sandbox } from '../lifecycle/testing/sandbox.ts'
import { duck } from '../parquet/testing/duck.ts'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'

const SCRIPT = fileURLToPath(new URL('./testing/parquet-memory-run.ts', import.meta.url))
const WRITE = fileURLToPath(new URL('./testing/write-one-row-group.ts', import.meta.url))
const MB = 1e6
const FEW = 200_000
const MANY = 6 * FEW
/** The heap of JavaScript is never twice the same; the values of the rows more are about twice as much. */
const MARGIN = 60 * MB
const MOST = 230 * MB

const WRITERS: Readonly<Record<string, (path: string, rows: number) => Promise<void>>> = {
  'many row groups': async (path, rows) => {
    const columns = "i as id, md5(i::varchar) as text, 'filler ' || repeat('x', 60) as same, i / 7 as d"
    await duck(`copy (select ${columns} from range(${rows}) r(i)) to '${path}' (format parquet, row_group_size 20480)`)
  },
  // In a process of its own: what this one takes would count as the peak of those that it starts.
  'one row group of small pages': async (path, rows) => {
    await endOf(startScript(WRITE, { path, rows }))
  },
}

describe('the memory of readParquet', () => {
  before(ensureBuilt)

  for (const [what, write] of Object.entries(WRITERS)) {
    it(`does not grow with a file of ${what}`, async () => {
      const [few, many] = [await peakOf(FEW, write), await peakOf(MANY, write)]
      console.log(`# ${what}: ${Math.round(few / MB)} MB for ${FEW} rows, ${Math.round(many / MB)} MB for ${MANY}`)
      assert.ok(many < MOST, `${many}`)
      assert.ok(many - few < MARGIN, `${few}, then ${many}`)
    })
  }
})

/** The peak of a process that loads such a file, which is made and gone again. */
async function peakOf(rows: number, write: (path: string, rows: number) => Promise<void>): Promise<number> {
  using box = sandbox('parquet-memory')
  const input = join(box.path, 'in.parquet')
  await write(input, rows)
  const run = { input, target: join(box.path, 'out.csv'), state: join(box.path, 'state') }
  const { result } = await endOf(startScript(SCRIPT, run))
  assert.deepEqual([result.status, result['loaded']], ['committed', rows])
  return result.peak
}
