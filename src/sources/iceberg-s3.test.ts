import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import { type S3Server, startS3Server } from '../storage/testing/s3/s3-server.ts'
import { readIceberg } from './iceberg.ts'
import { loadToCsv } from './testing/parquet-to-csv.ts'

let server: S3Server
before(async () => {
  server = await startS3Server({ buckets: ['lake'] })
  Object.assign(process.env, { AWS_ENDPOINT_URL_S3: server.endpoint, AWS_REGION: 'us-east-1' })
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
})
after(() => server.close())

async function filled(prefix: string): Promise<TableScene> {
  const scene = new TableScene('lake.silver.customers', (directory) => {
    return { type: 'sql', uri: `file:${directory}/catalog.db`, warehouse: `s3://lake/${prefix}/` }
  })
  await scene.run('one', { mode: 'create', partitionBy: ['region'], rows: [row(1), row(2, 'a/b ü%')] })
  await scene.run('two', { rows: [row(30)] })
  return scene
}

/** Which data files were looked at or read, and how often. */
function opened(): Readonly<Record<string, number>> {
  const files = server.requests.entries.map(({ key }) => /\/data\/(\w+)-.*\.parquet$/.exec(key)?.[1] ?? '')
  return Object.fromEntries([...Map.groupBy(files, (name) => name)].flatMap(([k, v]) => (k ? [[k, v.length]] : [])))
}

describe('readIceberg from a warehouse on S3', () => {
  it('reads all files, whatever their partitions are called', async () => {
    using scene = await filled('all')
    const { output, error } = await loadToCsv({
      extract: readIceberg(scene.table, { catalog: scene.catalog, columns: ['id', 'region'] }),
    })
    assert.equal(error, undefined)
    assert.deepEqual(output?.split('\n').slice(1, -1).sort(), ['1,EU', '2,a/b ü%', '30,EU'])
  })

  it('asks for no file that the conditions leave out', async () => {
    using scene = await filled('pruned')
    server.requests.clear()
    const { output } = await loadToCsv({
      extract: readIceberg(scene.table, { catalog: scene.catalog, columns: ['id'], where: { id: { gt: 10 } } }),
    })
    assert.equal(output, 'id\n30\n')
    assert.deepEqual(Object.keys(opened()), ['two'])
  })

  it('names the file that somebody removed', async () => {
    using scene = await filled('replaced')
    const source = readIceberg(scene.table, { catalog: scene.catalog })
    const { plan } = source
    source.plan = async (...given) => {
      const planned = await plan.apply(source, given)
      const store = server.buckets.get('lake')
      for (const key of [...(store?.objects.keys() ?? [])]) if (key.includes('/data/two-')) store?.objects.delete(key)
      return planned
    }
    const { error } = await loadToCsv({ extract: source })
    assert.equal(error?.code, 'source-not-found')
    assert.match(error?.message ?? '', /There is no object s3:\/\/lake\/replaced\/.*two-/)
  })

  it('survives throttling and broken connections', async () => {
    using scene = await filled('faults')
    server.faults.add({ operation: 'GetObject', times: 2, fault: { kind: 'lostAnswer' } })
    const { error } = await loadToCsv({ extract: readIceberg(scene.table, { catalog: scene.catalog }) })
    server.faults.clear()
    assert.equal(error, undefined)
  })
})
