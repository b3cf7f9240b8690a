import assert from 'node:assert/strict'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { SluiceError } from '../errors.ts'
import type { IcebergField } from '../storage/iceberg/iceberg-schema.ts'
import { openCatalog } from '../storage/iceberg/planned-catalog.ts'
import { parseTableName } from '../storage/iceberg/table-name.ts'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import type { DeadLetter } from '../validation/dead-letter.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import { unique } from '../validation/rules/unique-columns.ts'
import type { ReadIcebergOptions } from './iceberg/options.ts'
import { readIceberg } from './iceberg.ts'
import { loadToCsv } from './testing/parquet-to-csv.ts'

function read({ table, catalog }: TableScene, options: ReadIcebergOptions = {}) {
  return readIceberg(table, { catalog, ...options })
}

async function lines(scene: TableScene, options: ReadIcebergOptions = {}): Promise<readonly string[]> {
  const { output, error } = await loadToCsv({ extract: read(scene, options) })
  if (error !== undefined) throw error
  return (output as string).split('\n').slice(0, -1)
}

async function snapshots(scene: TableScene): Promise<readonly string[]> {
  return ((await scene.metadata())?.snapshots ?? []).map((snapshot) => String(snapshot['snapshot-id']))
}

/** As other engines do it. */
async function setColumns(scene: TableScene, fields: readonly IcebergField[]): Promise<void> {
  const { catalog: name, ...table } = parseTableName(scene.table)
  const catalog = await openCatalog(name, scene.catalog)
  const schema = { type: 'struct', 'schema-id': 9, fields } as const
  const add = { action: 'add-schema', schema, 'last-column-id': 9 } as const
  const updates = [add, { action: 'set-current-schema', 'schema-id': -1 } as const]
  assert.equal((await catalog.commit(table, { requirements: [], updates }, 'key')).outcome, 'committed')
  await catalog.close()
}

async function refused(scene: TableScene, options: ReadIcebergOptions): Promise<SluiceError> {
  const { output, error } = await loadToCsv({ extract: read(scene, options) })
  assert.equal(output, undefined)
  assert.ok(error !== undefined)
  return error
}

const TS = '2026-01-02T03:04:05Z'

describe('readIceberg', () => {
  it('reads all rows, file by file in the order in which these were added', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(2), row(1)] })
    await scene.run('two', { rows: [row(4, 'US'), row(3)] })
    assert.deepEqual(await lines(scene), ['id,region,ts', `2,EU,${TS}`, `1,EU,${TS}`, `4,US,${TS}`, `3,EU,${TS}`])
  })

  it('reads a snapshot, a branch, or only some columns', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const [first] = await snapshots(scene)
    await scene.run('two', { rows: [row(2)], branch: 'audit' })
    await scene.run('three', { rows: [row(3)], mode: 'overwrite' })
    const columns = ['region', 'id']
    assert.deepEqual(await lines(scene, { columns, snapshot: first as string }), ['region,id', 'EU,1'])
    assert.deepEqual(await lines(scene, { columns, branch: 'audit' }), ['region,id', 'EU,1', 'EU,2'])
    assert.deepEqual(await lines(scene, { columns }), ['region,id', 'EU,3'])
  })

  it('reads the columns of a snapshot as they were', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [{ id: 1n }], columns: { id: 'int64' } })
    const [first] = await snapshots(scene)
    await scene.run('two', { rows: [{ id: 2n, more: 'x' }], columns: { id: 'int64', more: 'string' } })
    assert.deepEqual(await lines(scene, { snapshot: BigInt(first as string) }), ['id', '1'])
    assert.deepEqual(await lines(scene), ['id,more', '1,', '2,x'])
  })

  it('knows columns by their ids: renamed, reordered, dropped, and named like one that was dropped', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await setColumns(scene, [
      { id: 2, name: 'area', required: false, type: 'string' },
      { id: 1, name: 'number', required: false, type: 'long' },
      { id: 9, name: 'ts', required: false, type: 'double' },
    ])
    assert.deepEqual(await lines(scene), ['area,number,ts', 'EU,1,'])
    assert.deepEqual(await lines(scene, { where: { area: 'EU' }, columns: ['number'] }), ['number', '1'])
    assert.deepEqual(await lines(scene, { where: { ts: null }, columns: ['number'] }), ['number', '1'])
    assert.deepEqual(await lines(scene, { where: { ts: 0 }, columns: ['number'] }), ['number'])
  })

  it('reads no lists, and names the columns that can be read', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const tags = { type: 'list', 'element-id': 5, 'element-required': false, element: 'string' } as const
    await setColumns(scene, [
      { id: 1, name: 'id', required: false, type: 'long' },
      { id: 4, name: 'tags', required: false, type: tags },
    ])
    const { code, message } = await refused(scene, {})
    assert.equal(code, 'source-failed')
    assert.match(message, /column "tags" is list<string>, which cannot be read\. Select others with `columns`: id\./)
    assert.deepEqual(await lines(scene, { columns: ['id'] }), ['id', '1'])
  })

  it('rejects rows without a value that the table requires', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), { id: null, region: 'EU', ts: null }] })
    await setColumns(scene, [{ id: 1, name: 'id', required: true, type: 'long' }])
    const { output, letters } = await loadToCsv({ extract: read(scene), onInvalid: 'quarantine' })
    assert.equal(output, 'id\n1\n')
    assert.deepEqual(
      letters.map(({ errors }) => errors.map(({ message }) => message)),
      [['"id": the value is missing, though the table requires it.']],
    )
  })

  it('shows what was widened in its new type', async () => {
    using scene = new TableScene()
    const before = { n: 'int32', d: 'decimal(9,2)', e: 'decimal(9,2)' }
    await scene.run('one', { mode: 'create', rows: [{ n: -7, d: -12345n, e: -1n }], columns: before })
    await scene.run('two', {
      rows: [{ n: 1n << 40n, d: 99999999999n, e: 5n }],
      columns: { n: 'int64', d: 'decimal(18,2)', e: 'decimal(38,2)' },
    })
    assert.deepEqual(await lines(scene), ['n,d,e', '-7,-123.45,-0.01', '1099511627776,999999999.99,0.05'])
    const seen: unknown[] = []
    const extract = read(scene)
    const { error } = await loadToCsv({ extract, transform: (rows) => rows.filter((one) => seen.push(one['n']) > 0) })
    assert.equal(error, undefined)
    assert.deepEqual(seen, [-7n, 1n << 40n])
  })

  it('gives the columns, and no rows, of a table without rows', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [] })
    assert.deepEqual(await lines(scene), ['id,region,ts'])
    assert.deepEqual(await lines(scene, { columns: ['ts'] }), ['ts'])
  })

  it('keeps to the snapshot that the run began with', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
    const source = read(scene, { columns: ['id'] })
    const { plan } = source
    source.plan = async (context) => {
      const planned = await plan.call(source, context)
      await scene.run('two', { mode: 'overwrite', rows: [row(3)] })
      return planned
    }
    const { output } = await loadToCsv({ extract: source })
    assert.equal(output, 'id\n1\n2\n')
  })

  it('casts by a schema', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2, 'us')] })
    const schema = z.object({ id: z.bigint(), region: z.string().regex(/^[A-Z]+$/) })
    const { output, letters } = await loadToCsv({
      extract: readIceberg(scene.table, { catalog: scene.catalog, schema }),
      onInvalid: 'quarantine',
    })
    assert.equal(output, `id,region,ts\n1,EU,${TS}\n`)
    assert.equal((letters[0] as DeadLetter).errors[0]?.code, 'type-error')
  })

  it('names the data file of a rejected row', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
    await scene.run('two', { rows: [row(3)] })
    const { output, letters } = await loadToCsv({
      extract: read(scene),
      onInvalid: 'quarantine',
      validate: { rules: [rowRule<{ id: bigint }>(({ id }) => id !== 2n, { name: 'not two' }), unique('region')] },
    })
    assert.equal(output, `id,region,ts\n1,EU,${TS}\n`)
    const [second, third] = letters as readonly DeadLetter[]
    assert.match(second?.source ?? '', /^file:\/\/\/.*\/lake\/silver\/customers\/data\/one-[0-9a-f]{8}\/0\.parquet$/)
    assert.match(third?.source ?? '', /data\/two-/)
    assert.equal(second?.raw, `{"id":"2","region":"EU","ts":"${TS}"}`)
    assert.equal(second?.line, 2)
    const { type, table, raw } = second?.format ?? {}
    assert.deepEqual({ type, table, raw }, { type: 'iceberg', table: scene.table, raw: 'json' })
  })

  it('says what is missing, and what to do', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const cases: readonly (readonly [ReadIcebergOptions, string, RegExp])[] = [
      [{ branch: 'audit' }, 'source-not-found', /no branch audit/],
      [{ snapshot: '17' }, 'source-not-found', /no snapshot 17; it may have expired/],
      [{ columns: ['regoin'] }, 'missing-label', /no column "regoin"; did you mean "region"\?/],
      [{ where: { size: 1 } }, 'unknown-column', /there is no column "size"; the columns are/],
      [
        { since: 17n },
        'source-failed',
        /17 is not in the history of main; it may have expired\. Read the whole table once/,
      ],
    ]
    for (const [options, code, message] of cases) {
      const error = await refused(scene, options)
      assert.equal(error.code, code)
      assert.match(error.message, message)
    }
    const [latest = ''] = globSync('lake/silver/customers/metadata/*.metadata.json', { cwd: scene.directory })
    const metadata = readFileSync(join(scene.directory, latest), 'utf8')
    writeFileSync(join(scene.directory, latest), metadata.replace('"format-version": 2', '"format-version": 3'))
    assert.match(
      (await refused(scene, {})).message,
      /silver\.customers has format version 3; Sluice reads .* version 2/,
    )
    rmSync(`${scene.directory}/lake/catalog.db`)
    assert.equal((await refused(scene, {})).code, 'source-not-found')
  })

  it('refuses options that make no sense', () => {
    const cases: readonly (readonly [string, object, RegExp])[] = [
      ['customers', {}, /"customers" is no name of a table; write catalog\.namespace\.table/],
      ['a.b.c', { snapshot: 5 }, /snapshot must be the id of a snapshot, as text or bigint/],
      ['a.b.c', { snapshot: '5', branch: 'x' }, /give one of snapshot and branch/],
      ['a.b.c', { wehre: {} }, /no option "wehre"; the options are catalog, snapshot/],
      ['a.b.c', { catalog: { uri: 'x' } }, /readIceberg: catalog.*type/],
    ]
    for (const [table, options, message] of cases) assert.throws(() => readIceberg(table, options), message)
  })

  it('ends with source-changed when its files vanish with their snapshot', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const source = read(scene)
    const { plan } = source
    source.plan = async (context) => {
      const planned = await plan.call(source, context)
      rmSync(`${scene.directory}/lake`, { recursive: true })
      return planned
    }
    const { error } = await loadToCsv({ extract: source })
    assert.equal(error?.code, 'source-changed')
    assert.match(error?.message ?? '', /The snapshot \d+ of lake\.silver\.customers expired while it was read/)
  })
})
