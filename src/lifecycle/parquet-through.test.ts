import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readFooter } from '../parquet/read-footer.ts'
import { ALL_TYPES } from '../parquet/testing/all-types.ts'
import { duck, exactInDuck } from '../parquet/testing/duck.ts'
import { openLocal } from '../parquet/testing/files.ts'
import { formatType } from '../records/data-type.ts'
import { writeParquet } from '../sinks/parquet.ts'
import { readParquet } from '../sources/parquet.ts'
import type { Job } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

const ROWS = 30_000
const SMALL = { rowGroupRows: 5000, fileBytes: 200_000 }

async function input(directory: string): Promise<string> {
  const path = join(directory, 'in.parquet')
  await duck(`copy (select ${ALL_TYPES} from range(${ROWS}) r(i)) to '${path}' (format parquet, row_group_size 8192)`)
  return path
}

async function run(directory: string, job: Pick<Job, 'extract' | 'load'> & Partial<Job>) {
  return await runJob({ name: 'through', ...job }, { state: join(directory, 'state') })
}

async function typesOf(path: string): Promise<readonly string[]> {
  const { fields } = await readFooter(await openLocal(path))
  return fields.map(({ name, type }) => `${name}: ${type && formatType(type)}`)
}

describe('Parquet to Parquet', () => {
  for (const out of ['out.parquet', 'out/']) {
    it(`keeps every value and every type: ${out}`, async () => {
      using box = sandbox('parquet-through')
      const from = await input(box.path)
      await run(box.path, { extract: readParquet(from), load: writeParquet(join(box.path, out), SMALL) })
      const files = out.endsWith('/') ? globSync(join(box.path, 'out/*')).sort() : [join(box.path, out)]
      assert.ok(files.length > (out.endsWith('/') ? 1 : 0))
      for (const file of files) assert.deepEqual(await typesOf(file), await typesOf(from))
      const { fields } = await readFooter(await openLocal(from))
      const to = out.endsWith('/') ? join(box.path, 'out/*.parquet') : join(box.path, out)
      const [found, expected] = [await exactInDuck(to, fields), await exactInDuck(from, fields)]
      assert.equal(found.length, ROWS)
      for (const [row, values] of found.entries()) assert.deepEqual(values, expected[row], `row ${row}`)
    })
  }

  it('takes out rows that only the end of the run could reject', async () => {
    using box = sandbox('parquet-through')
    const from = await input(box.path)
    const to = join(box.path, 'out.parquet')
    const report = await run(box.path, {
      extract: readParquet(from, { columns: ['i', 'few', 'ts', 'd38'] }),
      transform: (rows) =>
        rows.withColumn('key', ['i'], (i) => (Number(i) % 1000 === 999 ? Number(i) - 500 : Number(i))),
      validate: { uniqueColumns: ['key'] },
      onInvalid: 'quarantine',
      load: writeParquet(to, SMALL),
    })
    assert.equal(report.rows.rejected, 30)
    const columns = 'i, few, ts, d38'
    const differences = await duck(
      `select count(*) from (select ${columns} from '${to}' except select ${columns} from '${from}' where i % 1000 <> 999)`,
    )
    assert.deepEqual(differences, [[0n]])
    assert.deepEqual(await duck(`select count(*) from '${to}'`), [[BigInt(ROWS - 30)]])
  })

  it('keeps the types of columns that a schema takes as they are', async () => {
    using box = sandbox('parquet-through')
    const to = join(box.path, 'out.parquet')
    const schema = z.object({ ts: z.date(), d38: z.string(), i: z.number(), id: z.string(), f: z.number().nullable() })
    const from = await input(box.path)
    const columns = ['ts', 'd38', 'i', 'id', 'f']
    await run(box.path, { extract: readParquet(from, { columns, schema }), load: writeParquet(to) })
    const types = ['ts: timestamp', 'd38: decimal(38,9)', 'i: float64', 'id: uuid', 'f: float64']
    assert.deepEqual(await typesOf(to), types)
    const values = (path: string) => `select ts, d38, i::bigint, id, f::double from '${path}'`
    assert.deepEqual(await duck(`select count(*) from (${values(from)} except ${values(to)})`), [[0n]])
    assert.deepEqual(await duck(`select count(*) from '${to}'`), [[BigInt(ROWS)]])
  })
})
