import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { SluiceError } from '../../errors.ts'
import type { IcebergField } from './iceberg-schema.ts'
import { liveManifests } from './live-files.ts'
import { writeManifestList } from './manifest-list.ts'
import { planScan } from './plan-scan.ts'
import { openCatalog } from './planned-catalog.ts'
import { readableColumns } from './schema-mapping.ts'
import type { Update } from './table-change.ts'
import { writeTableFile } from './table-files.ts'
import { currentSchema, snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { parseTableName } from './table-name.ts'
import { row, TableScene } from './testing/table-scene.ts'

/** What another engine does to the table meanwhile. */
async function changed(scene: TableScene, updates: readonly Update[]): Promise<void> {
  const { catalog: name, ...table } = parseTableName(scene.table)
  const catalog = await openCatalog(name, scene.catalog)
  assert.deepEqual(await catalog.commit(table, { requirements: [], updates }, 'k'), { outcome: 'committed' })
  await catalog.close()
}

describe('a table of which a bit is wrong', () => {
  it('is read, or refused as such, wherever the bit is', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2, 'US')], partitionBy: ['region'] })
    const head = snapshotOfRef((await scene.metadata()) as TableMetadata, 'main')
    const [manifest] = await liveManifests(head)
    for (const address of [head?.['manifest-list'], manifest?.path]) {
      const path = String(address).slice('file://'.length)
      const whole = readFileSync(path)
      for (let at = 0; at < whole.length; at += 2) {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] as number) ^ (1 << ((at >> 1) % 8))
        writeFileSync(path, bytes)
        try {
          await planScan((await scene.metadata()) as TableMetadata, { where: { id: { gte: 0n } } })
        } catch (error) {
          const known = error instanceof SluiceError && ['source-failed', 'usage'].includes(error.code)
          assert.ok(known, `byte ${at}: ${error}`)
        }
      }
      writeFileSync(path, whole)
    }
  })
})

describe('a table that others write to as well', () => {
  it('keeps nested columns, which Sluice neither reads nor writes', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const before = currentSchema((await scene.metadata()) as TableMetadata)
    const tags: IcebergField = {
      ...{ id: 4, name: 'tags', required: false },
      type: { type: 'list', 'element-id': 5, element: 'string', 'element-required': false },
    }
    const schema = { ...before, 'schema-id': 1, fields: [...before.fields, tags] }
    await changed(scene, [
      { action: 'add-schema', schema, 'last-column-id': 5 },
      { action: 'set-current-schema', 'schema-id': -1 },
    ])
    await scene.run('two', { rows: [row(2)] })
    const columns = { id: 'int64', more: 'string' }
    await scene.run('three', { rows: [{ id: 3n, more: 'x' }], columns })
    const metadata = (await scene.metadata()) as TableMetadata
    const after = currentSchema(metadata)
    assert.deepEqual(after.fields[3], tags)
    // The id of an element is an id like any other.
    assert.deepEqual(after.fields[4], { id: 6, name: 'more', required: false, type: 'string' })
    assert.deepEqual(readableColumns((await planScan(metadata)).schema).unsupported, [
      { name: 'tags', type: 'list<string>' },
    ])
    await assert.rejects(scene.prepared('four', { rows: [], columns: { tags: 'string' } }), {
      message: /tags is list<string>/,
    })
  })

  it('with files of deletes is refused, by readers and writers', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const metadata = (await scene.metadata()) as TableMetadata
    const head = snapshotOfRef(metadata, 'main')
    const [manifest] = await liveManifests(head)
    assert.ok(manifest !== undefined && head !== undefined)
    const list = await writeManifestList([{ ...manifest, content: 1 }, manifest], {
      snapshotId: 7n,
      parentId: head['snapshot-id'],
      sequenceNumber: 2n,
    })
    const path = `${metadata.location}/metadata/deletes.avro`
    await writeTableFile(path, list)
    const snapshot = {
      ...head,
      'snapshot-id': 7n,
      'sequence-number': 2n,
      'manifest-list': path,
      summary: { operation: 'delete' },
    }
    await changed(scene, [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 7n },
    ])
    const refused = { code: 'source-failed', message: /files of deleted rows/ }
    await assert.rejects(planScan((await scene.metadata()) as TableMetadata), refused)
    await assert.rejects(scene.planned('two', { rows: [] }), refused)
  })

  for (const version of [1, 3]) {
    it(`of format version ${version} is refused, with the version`, async () => {
      using scene = new TableScene()
      await scene.run('one', { mode: 'create', rows: [row(1)] })
      const database = new DatabaseSync(`${scene.directory}/lake/catalog.db`)
      const location = String(database.prepare('SELECT metadata_location AS l FROM iceberg_tables').get()?.['l'])
      const path = location.slice('file://'.length)
      writeFileSync(path, readFileSync(path, 'utf8').replace('"format-version": 2', `"format-version": ${version}`))
      await assert.rejects(scene.planned('two', { rows: [] }), { message: new RegExp(`has format version ${version}`) })
    })
  }

  it('knows the runs of its history, though the ledger is lost', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)], job: 'load' })
    await scene.run('two', { mode: 'overwrite', rows: [row(2)], job: 'load' })
    await assert.rejects(scene.planned('one', { rows: [] }), { code: 'run-id-conflict' })
  })
})
