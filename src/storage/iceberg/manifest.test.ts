import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readAvro, writeAvro } from './avro-file.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { EntryStatus, ManifestEntry } from './manifest-entry.ts'
import { isLive, type ManifestFile, manifestFile, readManifestList, writeManifestList } from './manifest-list.ts'
import { bindSpec, newPartitionSpec } from './partition-spec.ts'

const types = ['long', 'string', 'decimal(20, 2)', 'date', 'double', 'uuid', 'boolean', 'binary', 'timestamptz']
const names = types.map((type, index) => `${type.slice(0, 4)} ${index}`)
const schema: IcebergSchema = {
  type: 'struct',
  'schema-id': 0,
  fields: types.map((type, index) => ({ id: index + 1, name: names[index] as string, required: false, type })),
}
const spec = newPartitionSpec(names, schema)
const partition = bindSpec(spec, [schema])

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })
const bytes = fc.uint8Array().map((value) => Buffer.from(value))
const byId = <V>(values: fc.Arbitrary<V>) =>
  fc.option(
    fc
      .uniqueArray(fc.tuple(fc.nat(1000), values), { selector: ([key]) => key, minLength: 1 })
      .map((pairs) => new Map(pairs.sort(([a], [b]) => a - b))),
  )
const tuple = fc.tuple(
  ...[
    fc.option(int64),
    fc.option(fc.string({ unit: 'binary' })),
    fc.option(fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n })),
  ],
  ...[fc.option(fc.integer()), fc.option(fc.double()), fc.constantFrom(null, 'f79c3e09677c4bbda4793f349cb785e7')],
  ...[fc.constantFrom(null, 0, 1), fc.option(bytes), fc.option(int64)],
)
const entries: fc.Arbitrary<ManifestEntry> = fc.record(
  {
    status: fc.constantFrom<EntryStatus>(0, 1, 2),
    snapshotId: fc.option(id),
    sequenceNumber: fc.option(id),
    fileSequenceNumber: fc.option(id),
    file: fc.record(
      {
        content: fc.constant(0),
        path: fc.string(),
        format: fc.constant('PARQUET'),
        partition: tuple,
        records: id,
        bytes: id,
        columnSizes: byId(int64),
        valueCounts: byId(int64),
        nullCounts: byId(int64),
        nanCounts: byId(int64),
        lowerBounds: byId(bytes),
        upperBounds: byId(bytes),
        splitOffsets: fc.option(fc.array(id)),
        sortOrderId: fc.option(fc.nat()),
        keyMetadata: fc.option(bytes),
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
) as never

describe('manifests', () => {
  it('give every entry back, ids and partitions exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { maxLength: 4 }), async (all) => {
        const manifest = await writeManifest({ schema, spec, partition }, all)
        assert.deepEqual(await readManifest(manifest, 'it', partition), all)
      }),
    )
  })

  it('say in their header what readers need, as the specification asks', async () => {
    const { metadata, schema: avro } = await readAvro(await writeManifest({ schema, spec, partition }, []), 'it')
    assert.deepEqual(JSON.parse(metadata['partition-spec'] as string), spec.fields)
    const { schema: text, 'partition-spec': _, ...rest } = metadata
    assert.deepEqual(JSON.parse(text as string), schema)
    assert.deepEqual(rest, { 'schema-id': '0', 'partition-spec-id': '0', 'format-version': '2', content: 'data' })
    assert.ok(!JSON.stringify(avro).includes('"field-id":105'), 'block_size_in_bytes must not be written')
  })
})

describe('manifest lists', () => {
  const about = {
    path: 's3://b/m.avro',
    length: 7,
    specId: 0,
    partition,
    sequenceNumber: 9n,
    snapshotId: 2n ** 62n + 1n,
  }

  it('give every manifest back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entries, { maxLength: 5 }), async (all) => {
        // Sums of rows have 63 bits as well.
        const line = manifestFile(
          all.map((entry) => ({ ...entry, file: { ...entry.file, records: 1n } })),
          about,
        )
        const list = await writeManifestList([line, line], { snapshotId: 1n, parentId: undefined, sequenceNumber: 9n })
        assert.deepEqual(await readManifestList(list, 'it'), [line, line])
        assert.equal(line.files.added + line.files.existing + line.files.deleted, all.length)
        assert.equal(
          isLive(line),
          all.some(({ status }) => status !== 2),
        )
        for (const { sequenceNumber, status } of all) {
          if (status !== 2) assert.ok(line.minSequenceNumber <= (sequenceNumber ?? 9n))
        }
      }),
    )
  })

  it('are read by field ids, whatever the writer called the fields', async () => {
    const line = manifestFile([], about)
    const { schema: avro, records } = await readAvro(
      await writeManifestList([line], { snapshotId: 1n, parentId: 2n, sequenceNumber: 9n }),
      'it',
    )
    const old = JSON.parse(JSON.stringify(avro).replace('added_files_count', 'added_data_files_count'))
    const record = { ...(records[0] as object), added_data_files_count: 0 }
    assert.deepEqual(await readManifestList(await writeAvro(old, {}, [record]), 'it'), [line])
  })

  it('without counts are refused', async () => {
    const first = {
      type: 'record',
      name: 'manifest_file',
      fields: [{ name: 'manifest_path', type: 'string', 'field-id': 500 }],
    }
    const list = await writeAvro(first, {}, [{ manifest_path: 'x' }])
    await assert.rejects(readManifestList(list, 's3://b/l.avro'), { message: /format version 1/ })
  })

  it('say what their partitions hold', () => {
    const file = (partitionOf: unknown) =>
      ({ status: 1, sequenceNumber: null, file: { records: 1n, partition: partitionOf } }) as ManifestEntry
    const only = (values: readonly unknown[], at: number) => {
      const line: ManifestFile = manifestFile(
        values.map((value) => file(types.map((_, index) => (index === at ? value : null)))),
        about,
      )
      return line.partitions?.[at]
    }
    assert.deepEqual(only(['b', 'ä', null], 1), {
      containsNull: true,
      containsNan: false,
      lower: Buffer.from('b'),
      upper: Buffer.from('ä'),
    })
    assert.deepEqual(only([Number.NaN], 4), { containsNull: false, containsNan: true, lower: null, upper: null })
  })
})
