import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseType } from '../../records/data-type.ts'
import { conditionsOf, holds, type Where } from './condition.ts'
import { encodeBounds } from './data-file.ts'
import { addedEntry } from './manifest-entry.ts'
import { manifestFile } from './manifest-list.ts'
import { bindSpec, newPartitionSpec, partitionOf } from './partition-spec.ts'
import { planScan, scanTable } from './plan-scan.ts'
import { fileMayHold, manifestMayHold } from './prune.ts'
import { newSchema } from './schema-mapping.ts'
import type { SingleValue } from './single-value.ts'
import { snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

async function files(scene: TableScene, options: Parameters<typeof planScan>[1] = {}) {
  const scan = await planScan((await scene.metadata()) as TableMetadata, options)
  return { ...scan, records: scan.files.reduce((sum, file) => sum + file.records, 0) }
}

describe('bounds of other writers', () => {
  const schema = newSchema([
    { name: 'text', type: parseType('string'), nullable: true },
    { name: 'n', type: parseType('int64'), nullable: true },
  ])
  const described = { path: 'p', records: 1, bytes: 1, sha256: '', partition: [], columnSizes: {}, splitOffsets: [] }
  const counts = { valueCounts: {}, nullCounts: { 1: 0, 2: 0 }, nanCounts: {} }
  const mayHold = (where: Where, lowerBounds: Record<string, string>) => {
    const file = { ...described, ...counts, lowerBounds, upperBounds: {} }
    const { file: known } = addedEntry(file, { snapshotId: 1n, folder: 'f', partition: [] })
    return fileMayHold(known, conditionsOf(where, schema), [])
  }

  it('may be cut inside of a character', () => {
    const cut = Buffer.from('a中').subarray(0, 3).toString('base64')
    assert.equal(mayHold({ text: 'a中' }, { 1: cut }), true)
    assert.equal(mayHold({ text: 'a' }, { 1: cut }), false)
  })

  it('leave out nothing when they have no length of their type', () => {
    for (const length of [0, 1, 3, 7]) {
      assert.equal(mayHold({ n: -5n }, { 2: Buffer.alloc(length).toString('base64') }), true)
    }
  })
})

describe('a scan of a table', () => {
  it('names the files of a snapshot, a branch and the past', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const first = snapshotOfRef((await scene.metadata()) as TableMetadata, 'main')?.['snapshot-id'] as bigint
    await scene.run('two', {
      rows: [row(2), row(3)],
      columns: { id: 'int64', region: 'string', ts: 'timestamptz', more: 'string' },
    })
    await scene.run('three', { branch: 'audit', rows: [row(4)] })
    assert.equal((await files(scene)).records, 3)
    assert.equal((await files(scene, { branch: 'audit' })).records, 4)
    const past = await files(scene, { snapshot: String(first) })
    assert.deepEqual([past.records, past.schema.fields.length, past.snapshotId], [1, 3, String(first)])
    assert.deepEqual(JSON.parse(JSON.stringify(past)), past)
    await assert.rejects(files(scene, { branch: 'none' }), { code: 'source-not-found' })
    await assert.rejects(files(scene, { snapshot: 7n }), { code: 'source-not-found', message: /expired/ })
    assert.equal((await scanTable(scene.table, { catalog: scene.catalog })).files.length, 2)
    await assert.rejects(scanTable('lake.silver.none', { catalog: scene.catalog }), { code: 'source-not-found' })
  })

  it('leaves out files by their partition and their bounds', async () => {
    using scene = new TableScene()
    const partitionBy = ['region', 'month(ts)', 'bucket(8, id)']
    await scene.run('one', { mode: 'create', partitionBy, rows: [row(1, 'EU'), row(2, 'US', '2025-03-01T00:00:00Z')] })
    await scene.run('two', { rows: [row(3, 'EU', '2025-03-02T00:00:00Z')] })
    const counts = async (where: Where) => {
      const { files: found, skipped } = await files(scene, { where })
      return [found.length, skipped]
    }
    assert.deepEqual(await counts({ region: 'EU' }), [2, 1])
    assert.deepEqual(await counts({ region: { in: ['US', 'XX'] } }), [1, 2])
    assert.deepEqual(await counts({ ts: { lt: '2025-04-01T00:00:00Z' } }), [2, 1])
    assert.deepEqual(await counts({ ts: { gte: new Date('2025-03-02'), lt: new Date('2025-03-03') } }), [1, 2])
    assert.deepEqual(await counts({ id: 3 }), [1, 2])
    assert.deepEqual(await counts({ region: 'EU', id: { gt: 2n } }), [1, 2])
    assert.deepEqual(await counts({ region: null }), [0, 3])
    assert.deepEqual(await counts({}), [3, 0])
    await assert.rejects(counts({ nothing: 1 }), { code: 'unknown-column' })
    await assert.rejects(counts({ id: 'x' }), { code: 'job-invalid', message: /id is long/ })
    await assert.rejects(counts({ id: { above: 1 } as never }), { code: 'job-invalid', message: /above/ })
  })

  it('reads since a snapshot only what was appended, once, also when manifests were joined', async () => {
    using scene = new TableScene()
    const properties = { 'commit.manifest.min-count-to-merge': '2' }
    await scene.run('one', { mode: 'create', rows: [row(1)], properties })
    let since = (await files(scene)).snapshotId as string
    for (let round = 2; round < 6; round++) {
      await scene.run(`r${round}`, { rows: [row(round), row(round + 10)] })
      const found = await files(scene, { since })
      assert.equal(found.records, 2)
      since = found.snapshotId as string
    }
    assert.equal((await files(scene, { since })).records, 0)
    await scene.run('over', { mode: 'overwrite', rows: [row(9)] })
    await assert.rejects(files(scene, { since }), { code: 'source-failed', message: /\(overwrite\) changed rows/ })
    await assert.rejects(files(scene, { since: 7n }), { code: 'source-failed', message: /not in the history/ })
  })

  it('of a table without a snapshot is empty', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [] })
    const metadata = { ...((await scene.metadata()) as TableMetadata), refs: {}, 'current-snapshot-id': -1n }
    assert.deepEqual((await planScan(metadata)).files, [])
    assert.equal((await planScan(metadata)).snapshotId, null)
  })
})

const TYPES = { id: 'int64', name: 'string', price: 'decimal(9,2)', ts: 'timestamp', rate: 'float64', born: 'date' }
const schema = newSchema(Object.entries(TYPES).map(([name, type]) => ({ name, type: parseType(type), nullable: true })))
const letters = fc.array(fc.constantFrom('a', 'b', 'é', '😀'), { maxLength: 20 }).map((parts) => parts.join(''))
const rows = fc.record({
  id: fc.option(
    fc.oneof(fc.bigInt({ min: -40n, max: 40n }), fc.constantFrom(-(2n ** 63n), 3n - 2n ** 63n, 2n ** 63n - 1n)),
  ),
  name: fc.option(letters),
  price: fc.option(fc.bigInt({ min: -300n, max: 300n })),
  ts: fc.option(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })),
  rate: fc.option(fc.constantFrom(-0, 0, 1.5, -7, Number.NaN, Number.POSITIVE_INFINITY)),
  born: fc.option(fc.integer({ min: -800, max: 800 })),
})
const SPECS = [
  [],
  ['bucket(3, id)', 'truncate(2, name)'],
  ['truncate(10, price)', 'day(ts)'],
  ['truncate(7, id)'],
  ['month(born)', 'rate'],
  ['year(ts)', 'hour(ts)', 'name'],
]

describe('leaving out files', () => {
  it('never loses a row that passes, whatever the partitions, bounds and tests', () => {
    const test = fc.constantFrom('is', 'gt', 'gte', 'lt', 'lte', 'in', 'null')
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.constantFrom(...Object.keys(TYPES)),
        test,
        fc.constantFrom(...SPECS),
        (data, other, column, kind, partitionBy) => {
          const field = schema.fields.find(({ name }) => name === column)
          const value = other[column as 'id'] as SingleValue | null
          if (field === undefined || (value === null && kind !== 'null')) return
          const base = { id: field.id, column, type: field.type as string, isNull: kind === 'null' }
          const edge = { value: value as SingleValue, inclusive: kind.endsWith('e') }
          const condition = {
            ...base,
            ...(kind === 'is' || kind === 'in' ? { among: [value as SingleValue] } : {}),
            ...(kind.startsWith('g') ? { lower: edge } : kind.startsWith('l') ? { upper: edge } : {}),
          }
          if (Number.isNaN(value) && kind !== 'is' && kind !== 'in') return
          const spec = newPartitionSpec(partitionBy, schema)
          const fields = bindSpec(spec, [schema])
          const cellOf = (id: number) =>
            data[schema.fields.find((one) => one.id === id)?.name as 'id'] as SingleValue | null
          const present = schema.fields.map(({ id, type }) => {
            const own = cellOf(id)
            const known = own === null || Number.isNaN(own) ? undefined : own
            return { id, type: type as string, least: known, greatest: known }
          })
          const nullCounts = Object.fromEntries(schema.fields.map(({ id }) => [id, cellOf(id) === null ? 1 : 0]))
          const file = {
            ...{
              path: 'x',
              records: 1,
              bytes: 1,
              sha256: '',
              partition: [],
              columnSizes: {},
              valueCounts: {},
              nanCounts: {},
            },
            ...{ nullCounts, ...encodeBounds(present), splitOffsets: [] },
          }
          const entry = addedEntry(file, { snapshotId: 1n, folder: 'f', partition: partitionOf(fields, cellOf) })
          const manifest = manifestFile([entry], {
            path: 'm',
            length: 1,
            specId: 0,
            partition: fields,
            sequenceNumber: 1n,
            snapshotId: 1n,
          })
          if (!holds(condition, cellOf(field.id))) return
          assert.ok(fileMayHold(entry.file, [condition], fields), 'the file is read')
          assert.ok(manifestMayHold(manifest, [condition], fields), 'the manifest is read')
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('takes values as jobs write them', () => {
    const where: Where = {
      price: '1.50',
      born: '1970-01-03',
      rate: { gt: 1, gte: 1, lt: 5, lte: 7 },
      id: { in: [1, 2n, '3'] },
    }
    const [price, born, rate, id] = conditionsOf(where, schema)
    assert.deepEqual([price?.among, born?.among, id?.among], [[150n], [2], [1n, 2n, 3n]])
    assert.deepEqual(
      [rate?.lower, rate?.upper],
      [
        { value: 1, inclusive: false },
        { value: 5, inclusive: false },
      ],
    )
  })
})
