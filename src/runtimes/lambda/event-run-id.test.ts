import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkRunId } from '../../lifecycle/run-id.ts'
import { eventRunId, objectRunId } from './event-run-id.ts'

const record = (more: object = {}) => {
  return { event: 'ObjectCreated:Put', bucket: 'b', key: 'in/customers.csv', source: '', etag: 'e1', ...more }
}

describe('the run id of an event', () => {
  it('is readable, and the same for each delivery', () => {
    const id = objectRunId('import', record())
    assert.match(id, /^import\.customers\.csv\.[0-9a-f]{24}$/)
    assert.equal(objectRunId('import', record({ event: 'Object Created', size: 3, correlationId: 'x' })), id)
    assert.match(eventRunId('import', 'e'), /^import\.event\.[0-9a-f]{24}$/)
  })

  it('is another one for another job, bucket, key, content or version', () => {
    const others = [
      { bucket: 'c' },
      { key: 'other/customers.csv' },
      { etag: 'e2' },
      { versionId: 'v1' },
      { versionId: 'v2' },
    ]
    const ids = [objectRunId('import', record()), objectRunId('other', record())]
    for (const other of others) ids.push(objectRunId('import', record(other)))
    assert.equal(new Set(ids).size, ids.length)
    // A version names the content, whatever its ETag.
    const version = { versionId: 'v1' }
    assert.equal(
      objectRunId('j', record({ ...version, etag: 'x' })),
      objectRunId('j', record({ ...version, etag: 'y' })),
    )
  })

  it('is valid, whatever the names', () => {
    for (const key of ['', '/', 'ä ö/ü?.csv', `${'x'.repeat(900)}.csv`, '../..', '\n']) {
      checkRunId(objectRunId('j'.repeat(100), record({ key })))
    }
  })
})
