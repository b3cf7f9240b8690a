import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { duck } from '../../parquet/testing/duck.ts'
import { ensureBuilt, plainLines, sluice, workspace } from './testing/sluice.ts'

const QUERY =
  "select i as id, 'm' || i || '@EXAMPLE.org' as email, case when i = 2 then null else i / 4 end as v from range(5) r(i)"

describe('Parquet on the command line', { concurrency: 2 }, () => {
  before(ensureBuilt)

  async function place() {
    const made = workspace()
    await duck(`copy (${QUERY}) to '${join(made.cwd, 'in.parquet')}' (format parquet)`)
    return made
  }

  it('is previewed', async () => {
    using at = await place()
    const { code, stdout } = await sluice(['preview', 'in.parquet', '-n', '3'], at)
    assert.equal(code, 0)
    const lines = [
      'id  email           v',
      '──  ──────────────  ────',
      '0   m0@EXAMPLE.org  0',
      '1   m1@EXAMPLE.org  0.25',
    ]
    assert.equal(stdout, [...lines, '2   m2@EXAMPLE.org  ∅', ''].join('\n'))
    const json = await sluice(['preview', 'in.parquet', '-n', '1', '--json'], at)
    assert.equal(json.stdout, '{"id":"0","email":"m0@EXAMPLE.org","v":0}\n')
  })

  it('is loaded', async () => {
    using at = await place()
    const { code, stderr } = await sluice(
      ['load', 'in.parquet', 'out.csv', '--clean-email', 'email', '--unique', 'id'],
      at,
    )
    assert.equal(code, 0, stderr)
    const rows = ['0,m0@example.org,0', '1,m1@example.org,0.25', '2,m2@example.org,', '3,m3@example.org,0.75']
    assert.equal(
      readFileSync(join(at.cwd, 'out.csv'), 'utf8'),
      ['id,email,v', ...rows, '4,m4@example.org,1', ''].join('\n'),
    )
  })

  it('is written, with the types that it was read with', async () => {
    using at = await place()
    for (const to of ['out.parquet', 'all.parquet/']) {
      const { code, stderr } = await sluice(['load', 'in.parquet', to, '--unique', 'id'], at)
      assert.equal(code, 0, stderr)
      const files = join(at.cwd, to.endsWith('/') ? `${to}*.parquet` : to)
      const rows = (path: string) => duck(`select *, typeof(id), typeof(v) from '${path}' order by all`)
      assert.deepEqual(await rows(files), await rows(join(at.cwd, 'in.parquet')))
      const preview = (path: string) => sluice(['preview', path, '-n', '2', '--json'], at)
      assert.equal((await preview(to)).stdout, (await preview('in.parquet')).stdout)
    }
  })

  it('takes no flags of CSV', async () => {
    using at = await place()
    for (const [flags, name] of [
      [['--delimiter', ';'], '--delimiter'],
      [['--no-header'], '--no-header'],
      [['--skip-lines', '1'], '--skip-lines'],
    ] as const) {
      const run = await sluice(['load', 'in.parquet', 'out.csv', ...flags], at)
      assert.deepEqual([run.code, plainLines(run)], [2, [`error: ${name} is for CSV, and in.parquet is Parquet.`]])
    }
  })

  it('is a dataset of the configuration', async () => {
    using at = await place()
    const datasets =
      "{ people: { format: 'parquet', options: { columns: ['id'] }, locations: { local: 'in.parquet' } } }"
    writeFileSync(join(at.cwd, 'sluice.config.ts'), `export default { datasets: ${datasets} }\n`)
    const job = `import { defineJob, writeCsv } from 'sluice'
export default defineJob({ name: 'read', extract: ({ readDataset }) => readDataset('people'), load: writeCsv('out.csv') })
`
    writeFileSync(join(at.cwd, 'job.ts'), job)
    const { code, stderr } = await sluice(['run', 'job.ts'], at)
    assert.equal(code, 0, stderr)
    assert.equal(readFileSync(join(at.cwd, 'out.csv'), 'utf8'), 'id\n0\n1\n2\n3\n4\n')
  })
})
