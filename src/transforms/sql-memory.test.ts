import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endOf, pause, startScript } from '../lifecycle/testing/children.ts'
import { sandbox } from '../lifecycle/testing/sandbox.ts'
import { duck } from '../parquet/testing/duck.ts'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'
import { childrenOf, peakOf } from './testing/processes.ts'

const SCRIPT = fileURLToPath(new URL('./testing/sql-run.ts', import.meta.url))
const MB = 1e6
const ROWS = 1_000_000
const GROUPS = 400_000

/** Of the process beside what the query may hold: Node.js, DuckDB's code, and what it does not count. */
const BESIDE = 160 * MB

/** Of a process that is stopped for it takes too much, with what it takes until that is seen. */
const STOPPED = (256 + 100) * MB

describe('the memory of sql', { skip: process.platform === 'linux' ? false : 'only Linux tells peaks' }, () => {
  before(ensureBuilt)

  for (const memory of [64, 256]) {
    it(`is bounded in both processes with ${ROWS} rows, ${GROUPS} groups and ${memory} MB for the query`, async () => {
      await using at = await place(`i * 7919 % ${GROUPS} as k, md5(i::varchar) as text, i / 3.0 as x`)
      const query =
        'select k, count(*) as n, sum(x) as x, max(i) as i from (select *, hash(text) % 1000000 as i from input) group by k'
      const { result, peak } = await watch({ ...at.run, query, options: { memory: `${memory}MB` } })
      console.log(`# ${memory} MB: the query ${Math.round(peak / MB)} MB, the run ${Math.round(result.peak / MB)} MB`)
      assert.deepEqual([result.status, result.rows?.loaded], ['committed', GROUPS])
      assert.ok(peak > 0 && peak < memory * MB + BESIDE, `${peak}`)
      assert.ok(result.peak < 260 * MB, `${result.peak}`)
      const sums = (from: string) =>
        duck(`select count(*), sum(n), sum(hash(k)::hugeint), sum(i::hugeint) from (${from})`)
      assert.deepEqual(await sums(`from '${at.run.target}'`), await sums(query.replace('input', `'${at.run.input}'`)))
    })
  }

  it('is bounded also where DuckDB does not count what it holds', async () => {
    await using at = await place(`i as k, repeat(md5(i::varchar), 16) as text`)
    const query = 'select k % 900001 as k, max(text) as text from input group by all'
    const { result, peak } = await watch({ ...at.run, query, options: { memory: '64MB' } })
    assert.equal(result.code, 'transform-failed')
    assert.match(result.message, /needs more memory than 64 MB/)
    assert.ok(peak < 64 * MB + STOPPED, `${peak}`)
  })
})

async function place(columns: string) {
  const box = sandbox('sql-memory')
  const input = join(box.path, 'in.parquet')
  await duck(`copy (select ${columns} from range(${ROWS}) r(i)) to '${input}' (format parquet)`)
  const run = { input, target: join(box.path, 'out.parquet'), state: join(box.path, 'state') }
  return { run, [Symbol.asyncDispose]: async () => box[Symbol.dispose]() }
}

/** What came of a run, and the peak of the process of its query. */
async function watch(run: object) {
  const parent = startScript(SCRIPT, run)
  const end = endOf(parent)
  let peak = 0
  let over = false
  end.then(() => {
    over = true
  })
  for (; !over; await pause(10)) {
    for (const child of childrenOf(parent.pid as number)) peak = Math.max(peak, peakOf(child) ?? 0)
  }
  return { result: (await end).result, peak }
}
