import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import type { SluiceError } from '../../errors.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { creation } from './new-table.ts'
import { UNPARTITIONED } from './partition-spec.ts'
import { planCatalog } from './planned-catalog.ts'
import { openSqlCatalog } from './sql-catalog.ts'
import type { Update } from './table-change.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-sql-')))
after(() => rmSync(directory, { recursive: true }))

const schema: IcebergSchema = {
  type: 'struct',
  'schema-id': 0,
  fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
}
const table = { namespace: ['silver', 'eu'], name: 'customers' }
const owner = (name: string): Update => ({ action: 'set-properties', updates: { owner: name } })

async function created(name: string) {
  const path = join(directory, name, 'catalog.db')
  const catalog = openSqlCatalog('lake', { type: 'sql', uri: `file:${path}` })
  const draft = await catalog.prepare(table, { schema, spec: UNPARTITIONED, properties: {} })
  const change = { requirements: [{ type: 'assert-create' as const }], updates: creation(draft) }
  assert.deepEqual(await catalog.commit(table, change, 'k'), { outcome: 'committed' })
  return { catalog, path, change, draft }
}

describe('a SQL catalog that nobody can write', () => {
  it('fails a commit for good, and leaves no metadata: nothing is in doubt', async () => {
    const { catalog, path } = await created('readonly')
    await catalog.close()
    // To SQLite, a file of a later version of its format may only be read.
    const bytes = readFileSync(path)
    bytes[18] = 9
    writeFileSync(path, bytes)
    const files = () => readdirSync(join(directory, 'readonly/silver/eu/customers/metadata'))
    const before = files()
    const answer = await catalog.commit(table, { requirements: [], updates: [owner('me')] }, 'k')
    assert.ok(answer.outcome === 'failed' && answer.error.code === 'target-not-writable', answer.outcome)
    assert.deepEqual(files(), before)
    await catalog.close()
  })

  it('fails a commit for good where no file can be', async () => {
    writeFileSync(join(directory, 'file'), '')
    const warehouse = join(directory, 'elsewhere')
    const catalog = openSqlCatalog('lake', { type: 'sql', uri: `file:${directory}/file/catalog.db`, warehouse })
    const draft = await catalog.prepare(table, { schema, spec: UNPARTITIONED, properties: {} })
    const change = { requirements: [{ type: 'assert-create' as const }], updates: creation(draft) }
    const answer = await catalog.commit(table, change, 'k')
    assert.ok(answer.outcome === 'failed' && answer.error.code === 'target-not-writable', answer.outcome)
  })
})

describe('a SQL catalog', () => {
  it('makes nothing when it is looked at', async () => {
    const path = join(directory, 'looked', 'catalog.db')
    const catalog = openSqlCatalog('lake', { type: 'sql', uri: `file:${path}` })
    assert.equal(await catalog.load(table), undefined)
    assert.equal(existsSync(join(directory, 'looked')), false)
  })

  it('creates a table once, in the layout that others read', async () => {
    const { catalog, path, change, draft } = await created('create')
    assert.equal(draft.location, `file://${directory}/create/silver/eu/customers`)
    assert.deepEqual((await catalog.load(table))?.metadata.schemas, [schema])
    assert.deepEqual(await catalog.commit(table, change, 'k'), {
      outcome: 'conflict',
      reason: 'the table exists already',
    })
    await catalog.close()
    const database = new DatabaseSync(path)
    const row = database.prepare('SELECT * FROM iceberg_tables').get() as Record<string, unknown>
    const { metadata_location: location, ...rest } = row
    assert.deepEqual(rest, {
      ...{ catalog_name: 'lake', table_namespace: 'silver.eu', table_name: 'customers' },
      ...{ previous_metadata_location: null, iceberg_type: 'TABLE' },
    })
    assert.match(String(location), /^file:\/\/.*\/metadata\/00000-[-0-9a-f]+\.metadata\.json$/)
    assert.equal(database.prepare('SELECT count(*) AS n FROM iceberg_namespace_properties').get()?.['n'], 1)
  })

  it('moves the pointer and remembers where it was', async () => {
    const { catalog } = await created('move')
    assert.deepEqual(await catalog.commit(table, { requirements: [], updates: [owner('me')] }, 'k'), {
      outcome: 'committed',
    })
    const loaded = await catalog.load(table)
    assert.equal(loaded?.metadata.properties?.['owner'], 'me')
    assert.equal(loaded?.metadata['metadata-log']?.length, 1)
    const names = readdirSync(join(directory, 'move/silver/eu/customers/metadata'))
      .map((name) => name.slice(0, 6))
      .sort()
    assert.deepEqual(names, ['00000-', '00001-'])
  })

  it('lets one of two commits win that began at the same pointer, and leaves no file of the other', async () => {
    const { catalog, path } = await created('race')
    const other = openSqlCatalog('lake', { type: 'sql', uri: `file:${path}` })
    const uuid = (await catalog.load(table))?.metadata['table-uuid'] as string
    const change = (name: string) => ({
      requirements: [{ type: 'assert-table-uuid' as const, uuid }],
      updates: [owner(name)],
    })
    const answers = await Promise.all(
      [...Array(6).keys()].map((index) => (index % 2 ? catalog : other).commit(table, change(`${index}`), 'k')),
    )
    const won = answers.filter(({ outcome }) => outcome === 'committed').length
    assert.ok(won >= 1)
    assert.equal(answers.filter(({ outcome }) => outcome === 'conflict').length, 6 - won)
    const files = readdirSync(join(directory, 'race/silver/eu/customers/metadata'))
    assert.equal(files.length, 1 + won)
  })

  it('fails, and leaves no file, where another program keeps the database locked, as a reader can', async () => {
    const { catalog, path } = await created('locked')
    process.env['SLUICE_SQLITE_WAIT_MS'] = '200'
    const other = new DatabaseSync(path)
    const reading = other.prepare('SELECT * FROM iceberg_tables UNION ALL SELECT * FROM iceberg_tables').iterate()
    reading.next()
    const change = { requirements: [], updates: [owner('me')] }
    const answer = await catalog.commit(table, change, 'k')
    const { code, message } = (answer as { error: SluiceError }).error
    assert.deepEqual([answer.outcome, code], ['failed', 'target-not-writable'])
    assert.match(message, /catalog\.db is locked by another program/)
    assert.equal(readdirSync(join(directory, 'locked/silver/eu/customers/metadata')).length, 1)
    reading.return?.()
    assert.deepEqual(await catalog.commit(table, change, 'k'), { outcome: 'committed' })
    delete process.env['SLUICE_SQLITE_WAIT_MS']
  })

  it('reads and writes a database that has no type of tables, as older versions made it', async () => {
    const path = join(directory, 'old.db')
    new DatabaseSync(path).exec(`
      CREATE TABLE iceberg_tables (catalog_name VARCHAR(255), table_namespace VARCHAR(255), table_name VARCHAR(255),
        metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), PRIMARY KEY (catalog_name, table_namespace, table_name))`)
    const catalog = openSqlCatalog('lake', { type: 'sql', uri: `sqlite:///${path}`, warehouse: join(directory, 'old') })
    const draft = await catalog.prepare(table, { schema, spec: UNPARTITIONED, properties: {} })
    const change = { requirements: [], updates: creation(draft) }
    assert.deepEqual(await catalog.commit(table, change, 'k'), { outcome: 'committed' })
    assert.notEqual(await catalog.load(table), undefined)
  })

  it('keeps catalogs of other names in the same database apart', async () => {
    const { path } = await created('apart')
    const other = openSqlCatalog('other', { type: 'sql', uri: `file:${path}` })
    assert.equal(await other.load(table), undefined)
  })

  it('stays the same when it is journaled and another process works elsewhere', () => {
    const { config } = planCatalog('lake', { type: 'sql', uri: 'file:a/b.db' })
    assert.deepEqual(config, { type: 'sql', uri: `file:${resolve('a/b.db')}`, warehouse: `file://${resolve('a')}` })
    assert.deepEqual(planCatalog('lake', config).config, config)
    const s3 = planCatalog('lake', { type: 'sql', uri: 'sqlite:///b.db', warehouse: 's3://b/w/' }).config
    assert.deepEqual(s3, { type: 'sql', uri: `file:${resolve('b.db')}`, warehouse: 's3://b/w' })
  })

  it('refuses addresses of no file', () => {
    for (const uri of ['sqlite:///:memory:', 'file:', 'file:x?mode=ro']) {
      assert.throws(() => openSqlCatalog('lake', { type: 'sql', uri }), { code: 'config-invalid' })
    }
  })
})
