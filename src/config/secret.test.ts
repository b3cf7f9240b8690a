import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { fromEnv, Secret, secretOf } from './secret.ts'

const secrets = [new Secret('it', () => 'canary'), secretOf('canary', 'it'), secretOf(() => 'canary', 'it')]

describe('a secret', () => {
  it('can be revealed', async () => {
    for (const secret of secrets) assert.equal(await secret.reveal(), 'canary')
    process.env['SLUICE_TEST_SECRET'] = 'canary'
    const secret = fromEnv('SLUICE_TEST_SECRET')
    assert.equal(await secret.reveal(), 'canary')
    assert.equal(secretOf(secret, 'it'), secret)
    assert.equal(secret.variable, 'SLUICE_TEST_SECRET')
  })

  it('cannot be turned into text', () => {
    for (const secret of secrets) {
      assert.throws(() => `${secret}`, TypeError)
      assert.throws(() => String(secret), TypeError)
      assert.throws(() => 'a'.concat(secret as never), TypeError)
      assert.equal(JSON.stringify({ secret }), '{"secret":"***"}')
      assert.doesNotMatch(inspect(secret, { showHidden: true, depth: 9, getters: true }), /canary/)
      assert.deepEqual(Object.getOwnPropertyNames(secret), [])
    }
  })

  it('that is none of those is refused', () => {
    for (const wrong of [undefined, null, 1, '', {}]) {
      assert.throws(() => secretOf(wrong as never, 'clientSecret'), {
        code: 'job-invalid',
        message: /^clientSecret must/,
      })
    }
    assert.throws(() => fromEnv(''), { code: 'job-invalid' })
  })
})
