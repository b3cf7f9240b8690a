import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScan } from './plan-scan.ts'
import type { TableMetadata } from './table-metadata.ts'
import { TableScene } from './testing/table-scene.ts'

describe('a table whose partitions are of a column that was widened', () => {
  for (const by of ['n', 'truncate(10, n)', 'bucket(4, n)']) {
    it(`is appended to and overwritten, by ${by}`, async () => {
      using scene = new TableScene()
      await scene.run('one', { mode: 'create', rows: [{ n: 7 }], columns: { n: 'int32' }, partitionBy: [by] })
      const rows = [{ n: 1n << 40n }]
      assert.deepEqual(await scene.run('two', { rows, columns: { n: 'int64' } }), { outcome: 'committed' })
      const both = (await scene.metadata()) as TableMetadata
      assert.equal((await planScan(both)).files.length, 2)
      assert.equal((await planScan(both, { where: { n: { lte: 7n } } })).files.length, 1)
      const last = await scene.run('three', { mode: 'overwrite', rows, columns: { n: 'int64' } })
      assert.deepEqual(last, { outcome: 'committed' })
      assert.equal((await planScan((await scene.metadata()) as TableMetadata)).files.length, 1)
    })
  }
})
