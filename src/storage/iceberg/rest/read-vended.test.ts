import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readVended } from './read-vended.ts'

const KEYS = { 's3.access-key-id': 'A', 's3.secret-access-key': 'B' }

describe('what a catalog says of storage', () => {
  it('is nothing where it says nothing', () => {
    for (const answer of [undefined, {}, { config: {} }, { config: null, 'storage-credentials': null }]) {
      assert.deepEqual(readVended(answer, {}), [])
    }
  })

  it('is of the table first, then of all tables, and of S3 before what is of any client', () => {
    const known = { 's3.endpoint': 'http://all', 'client.region': 'all-1', 's3.path-style-access': 'TRUE' }
    const [only] = readVended({ config: { 's3.endpoint': 'http://own', 's3.region': 'own-1' } }, known)
    assert.deepEqual(only, { prefix: '', settings: { region: 'own-1', endpoint: 'http://own', pathStyle: true } })
  })

  it('never joins keys of one place with the token of another', () => {
    const config = { ...KEYS, 's3.session-token': 'T', 's3.session-token-expires-at-ms': '5' }
    const answer = { config, 'storage-credentials': [{ prefix: 's3a://b/t', config: { ...KEYS, 's3.region': 'r' } }] }
    const credentials = { accessKeyId: 'A', secretAccessKey: 'B' }
    assert.deepEqual(readVended(answer, {}), [
      { prefix: '', settings: {}, credentials: { ...credentials, sessionToken: 'T' }, expiresAt: 5 },
      { prefix: 's3://b/t', settings: { region: 'r' }, credentials },
    ])
  })
})
