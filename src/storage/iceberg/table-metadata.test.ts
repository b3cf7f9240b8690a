import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { applyUpdates, withPrevious } from './apply-updates.ts'
import { unmetRequirement } from './check-requirements.ts'
import type { IcebergSchema } from './iceberg-schema.ts'
import { creation, newSnapshotId } from './new-table.ts'
import { UNPARTITIONED } from './partition-spec.ts'
import type { Requirement, Update } from './table-change.ts'
import {
  ancestors,
  currentSchema,
  formatTableMetadata,
  parseTableMetadata,
  snapshotOfRef,
  type TableMetadata,
} from './table-metadata.ts'

const schema: IcebergSchema = {
  type: 'struct',
  'schema-id': 0,
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
}
const table = creation({ uuid: 'u', location: 'file:///t', schema, spec: UNPARTITIONED, properties: { owner: 'me' } })

function snapshot(id: bigint, number: bigint, parent?: bigint): Update {
  const base = {
    'snapshot-id': id,
    'sequence-number': number,
    'timestamp-ms': 1,
    'manifest-list': 'l',
    summary: { operation: 'append' },
  }
  return { action: 'add-snapshot', snapshot: parent === undefined ? base : { ...base, 'parent-snapshot-id': parent } }
}

function ref(name: string, id: bigint): Update {
  return { action: 'set-snapshot-ref', 'ref-name': name, type: 'branch', 'snapshot-id': id }
}

describe('the metadata of a table', () => {
  it('is read when others have compressed it', () => {
    const metadata = applyUpdates(undefined, table, 5)
    assert.deepEqual(parseTableMetadata(gzipSync(formatTableMetadata(metadata)), 't'), metadata)
  })

  it('is refused, by name, when it is cut off, no JSON or not whole', () => {
    const whole = Buffer.from(formatTableMetadata(applyUpdates(undefined, table, 5)))
    const { location: _, ...rest } = JSON.parse(whole.toString())
    for (const bytes of [whole.subarray(0, 99), Buffer.from('<html>'), gzipSync(whole).subarray(0, 99)]) {
      const message = /table a\.b\.c is damaged/
      assert.throws(() => parseTableMetadata(bytes, 'a.b.c'), { code: 'source-failed', message })
    }
    const lacking = Buffer.from(JSON.stringify(rest))
    assert.throws(() => parseTableMetadata(lacking, 'a.b.c'), {
      code: 'source-failed',
      message: /location is no string/,
    })
  })

  it('is no table without rows when the snapshot of a branch is missing', () => {
    const metadata = applyUpdates(undefined, [...table, snapshot(5n, 1n), ref('main', 5n)])
    const message = /main is at the snapshot 5, which it does not have/
    assert.throws(() => snapshotOfRef({ ...metadata, snapshots: [] }, 'main'), { code: 'source-failed', message })
  })

  it('whose history goes round is refused', () => {
    const metadata = applyUpdates(undefined, [...table, snapshot(5n, 1n, 6n), snapshot(6n, 2n, 5n), ref('main', 6n)])
    const walk = () => [...ancestors(metadata, snapshotOfRef(metadata, 'main'))]
    assert.throws(walk, { code: 'source-failed', message: /the snapshot 6 was built upon itself/ })
  })

  it('is made by the updates of a creation, and complete', () => {
    const metadata = applyUpdates(undefined, table, 5)
    assert.deepEqual(JSON.parse(formatTableMetadata(metadata)), {
      'format-version': 2,
      'table-uuid': 'u',
      location: 'file:///t',
      'last-sequence-number': 0,
      'last-updated-ms': 5,
      'last-column-id': 1,
      schemas: [schema],
      'current-schema-id': 0,
      'partition-specs': [UNPARTITIONED],
      'default-spec-id': 0,
      'last-partition-id': 999,
      'sort-orders': [{ 'order-id': 0, fields: [] }],
      'default-sort-order-id': 0,
      properties: { owner: 'me' },
      'current-snapshot-id': -1,
      snapshots: [],
      'snapshot-log': [],
      'metadata-log': [],
      refs: {},
    })
    assert.equal(snapshotOfRef(metadata, 'main'), undefined)
  })

  it('keeps snapshots of any id exactly, through text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.bigInt({ min: 1n, max: 2n ** 62n }), (id, number) => {
        const text = formatTableMetadata(applyUpdates(undefined, [...table, snapshot(id, number), ref('main', id)]))
        const metadata = parseTableMetadata(Buffer.from(text), 't')
        assert.equal(snapshotOfRef(metadata, 'main')?.['snapshot-id'], id)
        assert.equal(metadata['current-snapshot-id'], id)
        assert.equal(metadata['last-sequence-number'], number)
        assert.equal(formatTableMetadata(metadata), text)
      }),
    )
  })

  it('logs what was current, never backwards in time', () => {
    const first = applyUpdates(undefined, [...table, snapshot(1n, 1n), ref('main', 1n)], 10)
    const second = withPrevious(
      applyUpdates(first, [snapshot(2n, 2n, 1n), ref('main', 2n), ref('audit', 2n)], 4),
      first,
      'file:///m',
    )
    assert.deepEqual(second['snapshot-log'], [
      { 'timestamp-ms': 10, 'snapshot-id': 1n },
      { 'timestamp-ms': 10, 'snapshot-id': 2n },
    ])
    assert.deepEqual(second['metadata-log'], [{ 'timestamp-ms': 10, 'metadata-file': 'file:///m' }])
    assert.deepEqual(
      [...ancestors(second, snapshotOfRef(second, 'audit'))].map((one) => one['snapshot-id']),
      [2n, 1n],
    )
  })

  it('leaves main alone while another branch is written, and keeps what it does not know', () => {
    const first = applyUpdates(undefined, [...table, snapshot(1n, 1n), ref('main', 1n)])
    const foreign = {
      ...first,
      statistics: [{ 'snapshot-id': 1n }],
      refs: { ...first.refs, audit: { type: 'branch', 'snapshot-id': 1n, 'max-ref-age-ms': 7 } },
    } as TableMetadata
    const second = applyUpdates(foreign, [snapshot(2n, 2n, 1n), ref('audit', 2n)])
    assert.equal(second['current-snapshot-id'], 1n)
    assert.equal(second['snapshot-log']?.length, 1)
    assert.deepEqual(second.refs?.['audit'], { type: 'branch', 'snapshot-id': 2n, 'max-ref-age-ms': 7 })
    assert.deepEqual((second as unknown as { statistics: unknown }).statistics, [{ 'snapshot-id': 1n }])
  })

  it('refuses updates that contradict it', () => {
    const first = applyUpdates(undefined, [...table, snapshot(1n, 1n)])
    const wrong: readonly (readonly [Update, RegExp])[] = [
      [snapshot(1n, 2n), /a snapshot 1/],
      [snapshot(2n, 1n), /sequence number 1 is taken/],
      [ref('main', 9n), /no snapshot 9/],
      [{ action: 'add-schema', schema, 'last-column-id': 1 }, /schema 0 already/],
      [{ action: 'set-current-schema', 'schema-id': 7 }, /no schema 7/],
      [{ action: 'upgrade-format-version', 'format-version': 3 }, /version 2/],
      [{ action: 'enchant' } as never, /enchant is not known/],
    ]
    for (const [update, message] of wrong) assert.throws(() => applyUpdates(first, [update]), { message })
  })

  it('of other versions is refused, with the version', () => {
    for (const version of [1, 3]) {
      assert.throws(() => parseTableMetadata(Buffer.from(`{"format-version":${version}}`), 'a.b.c'), {
        code: 'source-failed',
        message: new RegExp(`a\\.b\\.c has format version ${version}`),
      })
    }
  })

  it('has requirements that tell what has moved', () => {
    const metadata = applyUpdates(undefined, [...table, snapshot(1n, 1n), ref('main', 1n)])
    const holding: readonly Requirement[] = [
      { type: 'assert-table-uuid', uuid: 'u' },
      { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': 1n },
      { type: 'assert-ref-snapshot-id', ref: 'audit', 'snapshot-id': null },
      { type: 'assert-current-schema-id', 'current-schema-id': 0 },
      { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 1 },
      { type: 'assert-default-spec-id', 'default-spec-id': 0 },
      { type: 'assert-last-assigned-partition-id', 'last-assigned-partition-id': 999 },
      { type: 'assert-default-sort-order-id', 'default-sort-order-id': 0 },
    ]
    assert.equal(unmetRequirement(metadata, holding), undefined)
    assert.match(unmetRequirement(metadata, [{ type: 'assert-create' }]) as string, /exists already/)
    assert.equal(unmetRequirement(undefined, [{ type: 'assert-create' }]), undefined)
    assert.match(unmetRequirement(undefined, holding) as string, /does not exist/)
    assert.match(
      unmetRequirement(metadata, [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null }]) as string,
      /main is at 1/,
    )
    assert.match(unmetRequirement(metadata, [{ type: 'assert-table-uuid', uuid: 'v' }]) as string, /another one/)
    assert.equal(currentSchema(metadata), schema)
  })

  it('gets snapshot ids that are positive and of 63 bits', () => {
    const ids = Array.from({ length: 1000 }, newSnapshotId)
    assert.ok(ids.every((id) => id > 0n && id < 2n ** 63n))
    assert.ok(ids.some((id) => id > 2n ** 53n))
    assert.equal(new Set(ids).size, ids.length)
  })
})
