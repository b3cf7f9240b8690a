/** Spark opens a catalog that Sluice wrote, by `npm run test:interop`. One Spark does all: it takes long to start. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TypeName } from '../records/data-type.ts'
import { ALL_ROWS, ALL_TYPES, PARTITIONINGS } from './testing/interop/all-types.ts'
import { Lake, type Texts } from './testing/interop/lake.ts'
import { Peer } from './testing/interop/peer.ts'

const skip = process.env['INTEROP_SPARK_JARS'] === undefined && 'npm run test:interop runs it, where Java 17 is'

// Spark has no times of day.
const { clock: _, ...TYPES } = ALL_TYPES
const COLUMNS = Object.keys(TYPES) as readonly (keyof typeof TYPES)[]
const ROWS = ALL_ROWS.map((row) => COLUMNS.map((column) => row[column] ?? null))

const CUSTOMER = { id: 'int64', region: 'string', at: 'timestamptz' } as const satisfies Record<string, TypeName>

function customers(...ids: readonly number[]): readonly Texts[] {
  return ids.map((id) => ({ id: `${id}`, region: ['EU', 'US', null][id % 3] ?? null, at: `2026-01-0${id}T03:04:05Z` }))
}

function values(rows: readonly Texts[]): readonly (readonly (string | null)[])[] {
  return rows.map((row) => Object.values(row))
}

describe('Spark, on a catalog that Sluice wrote', { skip }, () => {
  let lake: Lake
  let spark: Peer
  const sql = (query: string) => spark.ask('sql', { query })
  before(async () => {
    lake = new Lake()
    await lake.write('lake.types.all', TYPES, ALL_ROWS.map(sparkRow), { mode: 'create' })
    spark = new Peer('spark_peer.py', 'lake', lake.database, lake.warehouse)
  })
  after(async () => {
    await spark?.[Symbol.asyncDispose]()
    lake[Symbol.dispose]()
  })

  it('reads values of every type, and finds each, whatever the bounds of its file', async () => {
    assert.deepEqual(await sql('SHOW TABLES IN lake.types'), [['types', 'all', 'false']])
    assert.deepEqual(await sql(`SELECT * FROM lake.types.all ORDER BY id`), ROWS)
    assert.deepEqual(await misses('lake.types.all'), [])
  })

  it('finds rows in partitions of every transform', async () => {
    for (const [index, fields] of PARTITIONINGS.entries()) {
      const table = `lake.parts.p${index}`
      // Partitions by a UUID itself, which no manifest can leave without bounds, Iceberg in Java orders wrongly up to 1.10.
      const partitionBy = fields.filter((field) => !field.includes('clock') && field !== 'key')
      await lake.write(table, TYPES, ALL_ROWS.map(sparkRow), { mode: 'create', partitionBy })
      const columns = COLUMNS.filter((column) =>
        partitionBy.some((field) => field.match(/\w+(?=\)|$)/)?.[0] === column),
      )
      assert.deepEqual(await misses(table, columns), [], `${partitionBy}`)
    }
  })

  it('reads partitions, snapshots of the past, a branch, and what was published', async () => {
    const table = 'lake.silver.customers'
    await lake.write(table, CUSTOMER, customers(1, 2), { mode: 'create', partitionBy: ['day(at)', 'region'] })
    await lake.write(table, CUSTOMER, customers(3))
    await lake.write(table, CUSTOMER, customers(4), { branch: 'audit' })
    const [first] = await sql(`SELECT snapshot_id FROM ${table}.history ORDER BY made_current_at`)
    const [past, audited, now] = await select(
      `${table} VERSION AS OF ${first}`,
      `${table} VERSION AS OF 'audit'`,
      table,
    )
    assert.deepEqual(past, values(customers(1, 2)))
    assert.deepEqual(audited, values(customers(1, 2, 3, 4)))
    assert.deepEqual(now, values(customers(1, 2, 3)))
    await lake.publish(table, 'audit')
    assert.deepEqual(await select(table), [values(customers(1, 2, 3, 4))])
    const parts = await sql(
      `SELECT partition.at_day, partition.region, record_count FROM ${table}.partitions ORDER BY 1`,
    )
    assert.deepEqual(
      parts,
      customers(1, 2, 3, 4).map(({ at, region }) => [at?.slice(0, 10), region, '1']),
    )
  })

  it('merges rows by copies of files, and Sluice appends after it', async () => {
    const table = 'lake.silver.merged'
    await lake.write(table, CUSTOMER, customers(1, 2, 3), { mode: 'create', partitionBy: ['region'] })
    const { snapshot } = await lake.head(table)
    await sql(`MERGE INTO ${table} t USING (SELECT 2L id UNION ALL SELECT 5L) s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET region = 'merged' WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, 'new')`)
    await lake.write(table, CUSTOMER, customers(6))
    const [one, , three] = customers(1, 2, 3)
    const [, two] = customers(1, 2)
    const wanted = [one, { ...two, region: 'merged' }, three, { id: '5', region: 'new', at: null }, ...customers(6)]
    assert.deepEqual(await lake.read(table), wanted)
    assert.deepEqual(await select(table), [values(wanted as Texts[])])
    await assert.rejects(lake.read(table, { since: snapshot }), {
      message: /\(overwrite\) changed rows that were read before/,
    })
  })

  it('rewrites data files and manifests, and Sluice appends after it and reads on from where it was', async () => {
    const table = 'lake.silver.rewritten'
    await lake.write(table, CUSTOMER, customers(1), { mode: 'create' })
    for (const id of [2, 3, 4]) await lake.write(table, CUSTOMER, customers(id))
    const { snapshot } = await lake.head(table)
    await sql(`CALL lake.system.rewrite_data_files(table => '${table}', options => map('rewrite-all', 'true'))`)
    await sql(`CALL lake.system.rewrite_manifests('${table}')`)
    await lake.write(table, CUSTOMER, customers(5))
    assert.deepEqual(await lake.read(table), customers(1, 2, 3, 4, 5))
    assert.deepEqual(await lake.read(table, { since: snapshot }), customers(5))
    assert.deepEqual(await select(table), [values(customers(1, 2, 3, 4, 5))])
    assert.equal((await lake.head(table)).files, 2)
  })

  it('leaves files of deletes, which Sluice refuses, until they are rewritten as its message says', async () => {
    const table = 'lake.silver.deleted'
    await lake.write(table, CUSTOMER, customers(1, 2, 3), { mode: 'create' })
    await sql(`ALTER TABLE ${table} SET TBLPROPERTIES ('write.delete.mode' = 'merge-on-read')`)
    await sql(`DELETE FROM ${table} WHERE id = 2`)
    assert.deepEqual(await select(table), [values(customers(1, 3))])
    const refused = { code: 'source-failed', message: /files of deleted rows.*rewrite_data_files/ }
    await assert.rejects(lake.read(table), refused)
    await assert.rejects(lake.write(table, CUSTOMER, customers(4)), refused)
    await sql(`CALL lake.system.rewrite_data_files(table => '${table}', options => map('delete-file-threshold', '1'))`)
    await sql(
      `CALL lake.system.rewrite_position_delete_files(table => '${table}', options => map('rewrite-all', 'true'))`,
    )
    await lake.write(table, CUSTOMER, customers(4))
    assert.deepEqual(await lake.read(table), customers(1, 3, 4))
    assert.deepEqual(await select(table), [values(customers(1, 3, 4))])
  })

  it('changes partitions and order, and makes tables of its own, to which Sluice appends', async () => {
    const table = 'lake.silver.theirs'
    await sql(`CREATE TABLE ${table} (id bigint, region string, at timestamp) USING iceberg PARTITIONED BY (region)`)
    await sql(`INSERT INTO ${table} VALUES (1L, 'US', TIMESTAMP'2026-01-01T03:04:05Z')`)
    await sql(`ALTER TABLE ${table} ADD PARTITION FIELD bucket(4, id)`)
    await sql(`ALTER TABLE ${table} WRITE ORDERED BY id`)
    await lake.write(table, CUSTOMER, customers(2, 3))
    assert.deepEqual(await lake.read(table), customers(1, 2, 3))
    assert.deepEqual(await select(table), [values(customers(1, 2, 3))])
    await sql(`ALTER TABLE ${table} SET TBLPROPERTIES ('format-version' = '3')`)
    await assert.rejects(lake.write(table, CUSTOMER, customers(4)), { message: /version 3/ })
    await assert.rejects(lake.read(table), { message: /version 3/ })
  })

  /** Rows of some tables by id, in one query: each costs Spark seconds. */
  async function select(...tables: readonly string[]): Promise<readonly (readonly (readonly (string | null)[])[])[]> {
    const queries = tables.map((table, index) => `SELECT ${index} AS query, * FROM ${table}`)
    const rows: readonly (readonly (string | null)[])[] = await sql(`${queries.join(' UNION ALL ')} ORDER BY query, id`)
    return tables.map((_, index) => rows.filter(([query]) => query === `${index}`).map(([, ...row]) => row))
  }

  /** Of each value of some columns, whether a filter finds other rows than those that have it. */
  async function misses(table: string, columns = COLUMNS): Promise<readonly string[]> {
    const wanted = columns.flatMap((column) => {
      const index = COLUMNS.indexOf(column)
      const all = [...new Set(ROWS.map((row) => row[index]))].filter((value) => value !== null)
      return all.map((value) => ({ column, value, ids: ROWS.filter((row) => row[index] === value) }))
    })
    const queries = wanted.map(({ column, value }, index) => {
      return `SELECT ${index}, id FROM ${table} WHERE ${column} = ${literal(column, value)}`
    })
    const found: readonly [string, string][] = await sql(queries.join(' UNION ALL '))
    return wanted.flatMap(({ column, value, ids }, index) => {
      const own = found.filter(([query]) => query === `${index}`).map(([, id]) => id)
      const right = JSON.stringify(own.sort()) === JSON.stringify(ids.map(([id]) => id))
      return right ? [] : [`${column} = ${value}: ${own}`]
    })
  }
})

function sparkRow(row: Texts): Texts {
  return Object.fromEntries(COLUMNS.map((column) => [column, row[column] ?? null]))
}

/** A text of a type as SQL has it. */
function literal(column: keyof typeof TYPES, text: string | null | undefined): string {
  const type: TypeName = TYPES[column]
  if (type === 'date' || type === 'boolean') return `CAST('${text}' AS ${type})`
  if (type === 'timestamp') return `TIMESTAMP_NTZ'${text}'`
  if (type === 'timestamptz') return `TIMESTAMP'${text}'`
  if (type === 'string' || type === 'uuid') return `'${text}'`
  if (type === 'binary') return `UNBASE64('${text}')`
  if (type === 'int64') return `CAST('${text}' AS BIGINT)`
  return type === 'float64' ? `CAST('${text}' AS DOUBLE)` : `CAST('${text}' AS ${type === 'int32' ? 'int' : type})`
}
