/**
 * Tables on the S3 of others, moto's, where PyIceberg and Spark work on them as well: by `npm run test:interop`. PyIceberg
 * writes there through s3fs, since what moto answers to the end of an upload is no answer to pyarrow.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { TypeName } from '../records/data-type.ts'
import { ALL_ROWS, ALL_TYPES } from './testing/interop/all-types.ts'
import { Lake, type Texts } from './testing/interop/lake.ts'
import { Peer } from './testing/interop/peer.ts'

const {
  INTEROP_BUCKET: bucket,
  INTEROP_PYTHON: python,
  INTEROP_SPARK_JARS: jars,
  AWS_ENDPOINT_URL: endpoint,
} = process.env
const skip = (bucket === undefined || python === undefined) && 'npm run test:interop runs it'
const noSpark = (bucket === undefined || jars === undefined) && 'npm run test:interop runs it, where Java 17 is'

const ORDER = { id: 'int64', region: 'string' } as const satisfies Record<string, TypeName>

function orders(...ids: readonly number[]): readonly Texts[] {
  return ids.map((id) => ({ id: `${id}`, region: id % 2 === 0 ? 'EU' : 'a/b %' }))
}

async function open(pyiceberg: Peer, lake: Lake, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await pyiceberg.ask('open', {
    ...{ name: 'lake', uri: `sqlite:///${lake.database}`, warehouse: lake.warehouse },
    ...{
      's3.endpoint': endpoint,
      's3.access-key-id': 'test',
      's3.secret-access-key': 'test',
      's3.region': 'us-east-1',
      ...more,
    },
  })
}

it('PyIceberg reads from S3 what Sluice wrote to it', { skip }, async () => {
  using lake = new Lake(`s3://${bucket}/lake`)
  await using pyiceberg = new Peer('pyiceberg_peer.py')
  const table = 'lake.silver.types'
  await lake.write(table, ALL_TYPES, ALL_ROWS.slice(0, 2), { mode: 'create', partitionBy: ['bucket(3, id)'] })
  await open(pyiceberg, lake)
  assert.deepEqual(await pyiceberg.ask('scan', { table }), ALL_ROWS.slice(0, 2))
  await lake.write(table, ALL_TYPES, ALL_ROWS.slice(2))
  assert.deepEqual(await pyiceberg.ask('scan', { table }), ALL_ROWS)
  assert.deepEqual(await lake.read(table), ALL_ROWS)
  assert.deepEqual((await pyiceberg.ask('find', { table, column: 'id', value: '3' })).ids, [3])
})

it('PyIceberg appends to a table on S3, and Sluice goes on from there', { skip }, async () => {
  using lake = new Lake(`s3://${bucket}/pyiceberg`)
  await using pyiceberg = new Peer('pyiceberg_peer.py')
  const table = 'lake.silver.orders'
  await lake.write(table, ORDER, orders(1, 2), { mode: 'create', partitionBy: ['region'] })
  const { snapshot } = await lake.head(table)
  await open(pyiceberg, lake, { 'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO' })
  await pyiceberg.ask('append', { table, rows: orders(3, 4) })
  assert.deepEqual(await lake.read(table), orders(1, 2, 3, 4))
  assert.deepEqual(await lake.read(table, { since: snapshot }), orders(3, 4))
  await lake.write(table, ORDER, orders(5))
  assert.deepEqual(await pyiceberg.ask('scan', { table }), orders(1, 2, 3, 4, 5))
  await lake.write(table, ORDER, orders(6), { mode: 'overwrite' })
  assert.deepEqual(await pyiceberg.ask('scan', { table }), orders(6))
})

it('Spark reads a table on S3 and appends to it, and Sluice goes on from there', { skip: noSpark }, async () => {
  using lake = new Lake(`s3://${bucket}/spark`)
  const table = 'lake.silver.orders'
  await lake.write(table, ORDER, orders(1, 2), { mode: 'create', partitionBy: ['region'] })
  const { snapshot } = await lake.head(table)
  await using spark = new Peer('spark_peer.py', 'lake', lake.database, lake.warehouse)
  const rows = () => spark.ask('sql', { query: `SELECT id, region FROM ${table} ORDER BY id` })
  const values = (...ids: readonly number[]) => orders(...ids).map(({ id, region }) => [id, region])
  assert.deepEqual(await rows(), values(1, 2))
  await spark.ask('sql', { query: `INSERT INTO ${table} VALUES (3, 'a/b %'), (4, 'EU')` })
  assert.deepEqual(await lake.read(table), orders(1, 2, 3, 4))
  assert.deepEqual(await lake.read(table, { since: snapshot }), orders(3, 4))
  await lake.write(table, ORDER, orders(5))
  assert.deepEqual(await rows(), values(1, 2, 3, 4, 5))
})
