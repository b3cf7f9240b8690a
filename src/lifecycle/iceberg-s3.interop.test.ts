/**
 * Tables on the S3 of others, moto's, which PyIceberg reads there as well: by `npm run test:interop`. It writes none there,
 * since what moto answers to the end of an upload is no answer to pyarrow.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ALL_ROWS, ALL_TYPES } from './testing/interop/all-types.ts'
import { Lake } from './testing/interop/lake.ts'
import { Peer } from './testing/interop/peer.ts'

const { INTEROP_BUCKET: bucket, INTEROP_PYTHON: python, AWS_ENDPOINT_URL: endpoint } = process.env
const skip = (bucket === undefined || python === undefined) && 'npm run test:interop runs it'

it('PyIceberg reads from S3 what Sluice wrote to it', { skip }, async () => {
  using lake = new Lake(`s3://${bucket}/lake`)
  await using pyiceberg = new Peer('pyiceberg_peer.py')
  const table = 'lake.silver.types'
  await lake.write(table, ALL_TYPES, ALL_ROWS.slice(0, 2), { mode: 'create', partitionBy: ['bucket(3, id)'] })
  await pyiceberg.ask('open', {
    ...{ name: 'lake', uri: `sqlite:///${lake.database}`, warehouse: lake.warehouse },
    ...{
      's3.endpoint': endpoint,
      's3.access-key-id': 'test',
      's3.secret-access-key': 'test',
      's3.region': 'us-east-1',
    },
  })
  assert.deepEqual(await pyiceberg.ask('scan', { table }), ALL_ROWS.slice(0, 2))
  await lake.write(table, ALL_TYPES, ALL_ROWS.slice(2))
  assert.deepEqual(await pyiceberg.ask('scan', { table }), ALL_ROWS)
  assert.deepEqual(await lake.read(table), ALL_ROWS)
  assert.deepEqual((await pyiceberg.ask('find', { table, column: 'id', value: '3' })).ids, [3])
})
