import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Redactor } from './redactor.ts'

const SECRET = 'aB/c+d="e&f'

describe('a secret is taken out', () => {
  const redactor = new Redactor()
  redactor.add(SECRET)
  const json = JSON.stringify({ said: SECRET })
  for (const [title, text] of [
    ['of plain text', `{"said":"${SECRET}"}`],
    ['of JSON', json],
    ['of JSON with escaped slashes, as PHP writes it', json.replaceAll('/', '\\/')],
    ['of JSON with letters by number', json.replace(/[/+=&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)],
    ['of JSON in JSON', JSON.stringify({ body: json.replaceAll('/', '\\/') })],
    ['of an address', `?said=${encodeURIComponent(SECRET)}`],
    [
      'of an address with small digits',
      `?said=${encodeURIComponent(SECRET).replace(/%../g, (one) => one.toLowerCase())}`,
    ],
    ['of the path of an address', new URL(`https://example.org/${encodeURIComponent('aB/c')}+d=%22e&f/x`).href],
    ['of HTML', `<p>${SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</p>`],
    [
      'of HTML with letters by number',
      `<p>${SECRET.replaceAll('/', '&#x2F;').replaceAll('"', '&#34;').replaceAll('&f', '&amp;f')}</p>`,
    ],
    ['of base64', `Basic ${Buffer.from(SECRET).toString('base64')}`],
  ] as const) {
    it(title, () => {
      const safe = redactor.redact(text)
      assert.match(safe, /\*\*\*/)
      assert.doesNotMatch(safe, /aB|c\+d|e&/)
    })
  }

  it('and what holds none is shown as it came, whatever its escapes', () => {
    for (const text of [
      '{"a":"1\\/2 \\u00e4 \\ud83d\\ude00"}',
      '100%25 &amp; &#9999999; &#x110000;',
      '%25'.repeat(20_000),
    ]) {
      assert.equal(redactor.redact(text), text)
    }
  })
})
