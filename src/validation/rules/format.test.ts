import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FormatName } from '../formats.ts'
import { failing } from '../testing/verdicts.ts'
import { format } from './format.ts'

const long = (letter: string, length: number) => letter.repeat(length)

const CASES: Readonly<Record<FormatName, { readonly right: readonly string[]; readonly wrong: readonly string[] }>> = {
  email: {
    right: [
      ...['a@b.de', 'Ann.Lee+tag@mail.example.com', "o'neil@example.ie", 'a@xn--mnchen-3ya.example', 'x@a-b.c1'],
      `${long('a', 64)}@example.com`,
    ],
    wrong: [
      ...['a', 'a@b', '@b.de', 'a@', 'a@@b.de', 'a b@c.de', '.a@b.de', 'a.@b.de', 'a..b@c.de', 'a@-b.de', 'a@b-.de'],
      ...['a@b..de', 'a@b.de.', 'a@b.d', 'a@1.2.3.4', ' a@b.de', 'a@b.de\n', 'ä@b.de', 'a@bü.de', 'Ann <a@b.de>'],
      ...[`${long('a', 65)}@example.com`, `a@${long('b', 64)}.de`, `a@${`${long('b', 60)}.`.repeat(5)}de`],
    ],
  },
  e164_phone: {
    right: ['+14155550123', '+4930123456', '+123456789012345'],
    wrong: [
      '14155550123',
      '+0123456789',
      '+1 415 5550123',
      '+1234567890123456',
      '+12345',
      '+1415555012٣',
      '++14155550123',
    ],
  },
  url: {
    right: [
      'https://example.com',
      'http://a.b/c?d=e#f',
      'ftp://x.y/z',
      'https://münchen.example/ü',
      'HTTP://[::1]:80/',
    ],
    wrong: [
      'example.com',
      '//a.b',
      'https:/a.b',
      'https://',
      'https://a b',
      ' https://a.b',
      'mailto:a@b.de',
      'http://[',
      '/a',
    ],
  },
  uuid: {
    right: [
      '018f4e5a-7c3b-7d2e-9a1b-0123456789ab',
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    ],
    wrong: [
      '018f4e5a7c3b7d2e9a1b0123456789ab',
      '018f4e5a-7c3b-7d2e-9a1b-0123456789a',
      '{018f4e5a-7c3b-7d2e-9a1b-0123456789ab}',
      'g18f4e5a-7c3b-7d2e-9a1b-0123456789ab',
    ],
  },
  iso_date: {
    right: ['2024-02-29', '2000-02-29', '1999-12-31', '0001-01-01', '2023-02-28', '2023-04-30'],
    wrong: [
      '2023-02-29',
      '1900-02-29',
      '2023-04-31',
      '2023-13-01',
      '2023-00-10',
      '2023-01-00',
      '2023-1-1',
      '20230101',
      '2023-01-01T00:00:00Z',
      '+002023-01-01',
    ],
  },
}

describe('format', () => {
  for (const [name, { right, wrong }] of Object.entries(CASES)) {
    it(`knows ${name}`, () => {
      assert.deepEqual(failing(format('a', name as FormatName), ...right), [])
      assert.deepEqual(failing(format('a', name as FormatName), ...wrong), wrong)
    })
  }

  it('refuses names that it does not know', () => {
    const message = /there is no format "e-mail"; the formats are email, e164_phone, url, uuid, iso_date/
    assert.throws(() => format('a', 'e-mail' as never), { code: 'job-invalid', message })
    assert.throws(() => format('a', 'toString' as never), { code: 'job-invalid' })
  })

  it('takes its time from the length of the text alone', () => {
    const hostile = [`${'a.'.repeat(50_000)}@`, `a@${'a-'.repeat(50_000)}`, `a@${'a.'.repeat(50_000)}`]
    assert.deepEqual(failing(format('a', 'email'), ...hostile), hostile)
  })
})
