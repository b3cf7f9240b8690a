import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { maskSecrets } from './mask.ts'

const SECRETS =
  'pwd DB_PWD auth AUTHORIZATION dsn passphrase pass db_pass password connStr connection_string CONNECTIONSTRING signature cookie api_key access-token clientSecret'
const PLAIN = 'author author_id authors compass passenger day path country key'

describe('maskSecrets', () => {
  for (const name of SECRETS.split(' ')) {
    it(`hides ${name}`, () => assert.deepEqual(maskSecrets({ [name]: 'x' }), { [name]: '***' }))
  }

  for (const name of PLAIN.split(' ')) {
    it(`shows ${name}`, () => assert.deepEqual(maskSecrets({ [name]: 'x' }), { [name]: 'x' }))
  }

  for (const [value, shown] of [
    ['postgres://ann:s3cret@db:5432/x?a=b', 'postgres://ann:***@db:5432/x?a=b'],
    ['redis://:s3/cr@et@cache', 'redis://:***@cache'],
    ['from https://a:b@x to https://c:d@y', 'from https://a:***@x to https://c:***@y'],
    ['ssh://git@host/x', 'ssh://git@host/x'],
    ['http://host:8080/x', 'http://host:8080/x'],
  ] as const) {
    it(`shows the value ${shown}`, () => assert.deepEqual(maskSecrets({ url: value }), { url: shown }))
  }
})
