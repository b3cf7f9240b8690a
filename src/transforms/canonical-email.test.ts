import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalEmail } from './canonical-email.ts'

const canonical = canonicalEmail()

describe('canonicalEmail', () => {
  const cases: [string | null, string | null][] = [
    [null, null],
    ['', null],
    ['no address', null],
    [' J.Doe+news@GMail.com ', 'jdoe@gmail.com'],
    ['j.d.o.e@googlemail.com', 'jdoe@gmail.com'],
    ['j.doe+a+b@outlook.com', 'j.doe@outlook.com'],
    ['J.Doe@hotmail.com', 'j.doe@hotmail.com'],
    ['j.doe+news@example.org', 'j.doe+news@example.org'],
    ['j.+tag@live.com', 'j.+tag@live.com'],
    ['+tag@gmail.com', '+tag@gmail.com'],
    ['"j.doe+x"@gmail.com', '"j.doe+x"@gmail.com'],
  ]
  for (const [address, expected] of cases) {
    it(`makes ${expected} of ${address}`, () => assert.equal(canonical(address), expected))
  }

  it('keeps tags on demand', () => {
    assert.equal(canonicalEmail({ keepTags: true })('J.Doe+news@gmail.com'), 'jdoe+news@gmail.com')
  })

  it('changes nothing more when it is applied twice', () => {
    const local = fc.string({ unit: fc.constantFrom('a', 'B', '.', '+', '"', 'é'), minLength: 1, maxLength: 8 })
    const domain = fc.constantFrom('gmail.com', 'GoogleMail.com', 'live.com', 'example.org')
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const once = canonical(`${name}@${host}`)
        assert.equal(canonical(once), once)
      }),
      { numRuns: 2000 },
    )
  })
})
