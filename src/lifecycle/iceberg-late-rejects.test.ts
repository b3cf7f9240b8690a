import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readFooter } from '../parquet/read-footer.ts'
import { StagedParquet } from '../sinks/staged-parquet.ts'
import { readRows } from '../sources/rows.ts'
import type { ScanFile } from '../storage/iceberg/plan-scan.ts'
import { IcebergScene } from './testing/iceberg-scene.ts'

/** Files of a hundred rows. */
const SMALL = { rowGroupRows: 100, fileBytes: 1, compression: 'none' } as const

function unique(ids: readonly number[]) {
  return {
    extract: readRows(ids.map((id) => ({ id, text: `row ${id}` }))),
    validate: { uniqueColumns: ['id'] },
    onInvalid: 'quarantine' as const,
  } as never
}

describe('rows of a table without partitions that only the end of a run can reject', () => {
  it('are cut out of the data files, whose bounds and counts are those of what is left', async () => {
    using scene = new IcebergScene()
    // The second file loses all rows, the third its last one.
    const ids = Array.from({ length: 1000 }, (_, id) => (Math.floor(id / 100) === 1 || id === 299 ? 5 : id))
    const report = await scene.run(unique(ids), { mode: 'create', ...SMALL })
    assert.deepEqual([report.rows.loaded, report.rows.rejected], [899, 101])
    const left = [...new Set(ids)].sort((a, b) => a - b)
    const found = await scene.query('select id, text from FILES order by id')
    assert.deepEqual(
      found,
      left.map((id) => [id, `row ${id}`]),
    )
    const { files } = await scene.scan()
    assert.deepEqual(
      files.map(({ records }) => records),
      [100, 99, ...Array(7).fill(100)],
    )
    assert.deepEqual(
      report.outputs.map(({ rows }) => rows),
      files.map(({ records }) => records),
    )
    // With the row that is gone it would begin at 5.
    assert.equal((await scene.scan({ where: { id: { gt: 5, lt: 200 } } })).files.length, 1)
    assert.equal(scene.files().filter((name) => name.endsWith('.parquet')).length, 9)
  })

  it('keep the ids of the columns and the schema that stands in each file', async () => {
    using scene = new IcebergScene()
    await scene.run(unique([1, 2, 2]), { mode: 'create' })
    const { files, schema } = await scene.scan()
    const [{ path, bytes }] = files as [ScanFile]
    await using parquet = await StagedParquet.open({ path: path.replace('file://', ''), bytes })
    assert.deepEqual(
      (await readFooter(parquet)).fields.map(({ fieldId }) => fieldId),
      [1, 2],
    )
    const { footer } = await parquet.footer()
    assert.deepEqual(JSON.parse(footer.metadata['iceberg.schema'] as string), schema)
  })

  it('take no way through scratch, and leave nothing when all of them go', async () => {
    using scene = new IcebergScene()
    const seen: string[] = []
    const onEvent = () => seen.push(...globSync('**/spilled/**', { cwd: scene.directory }))
    await scene.run(unique([1, 2, 2, 3]), { mode: 'create' }, { onEvent })
    assert.deepEqual(seen, [])
    const before = scene.files()
    const all = { ...(unique([4, 4]) as object), maxRejected: 0 } as never
    await assert.rejects(scene.run(all), { code: 'validation-failed' })
    assert.deepEqual(scene.files(), before)
    assert.deepEqual(globSync(join(scene.directory, 'lake/**/*.cut')), [])
  })
})
