import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { allRejectedShape, referenceShape } from './reference.ts'
import type { Shape } from './shape.ts'
import { wideShape } from './wide.ts'

const ROWS = 20_000
const EMAIL = /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/

function sample(shape: Shape) {
  const made = Array.from({ length: ROWS }, (_, row) => shape.row(row))
  const text = made.map((row) => row.text).join(shape.lineEnd)
  return { made, text, rows: parse(text, { columns: [...shape.columns] }) as Record<string, string>[] }
}

/** What the reference job rejects, found here in the plainest way. */
function rejects(rows: readonly Record<string, string>[]): boolean[] {
  const [ids, emails] = [new Set<string>(), new Set<string>()]
  return rows.map((row) => {
    const id = row['customer_id']!
    const email = row['email']!.trim().toLowerCase()
    if (!id || !email || !row['first_name'] || !row['last_name'] || !EMAIL.test(email)) return true
    const taken = ids.has(id) || emails.has(email)
    ids.add(id)
    emails.add(email)
    return taken
  })
}

function impossiblePhones(rows: readonly Record<string, string>[]): string[] {
  return rows
    .filter((_, index) => index % 10 === 0)
    .map((row) => row['phone']!)
    .filter((phone) => !parsePhoneNumberFromString(phone, { defaultCountry: 'US', extract: false })?.isPossible())
}

describe('the reference shape', () => {
  const { rows, text } = sample(referenceShape(7))

  it('has at least 99 % distinct (phone, address, amount), so that no cache flatters', () => {
    const tuples = rows.map(({ phone, address, amount }) => `${phone}|${address}|${amount}`)
    assert.ok(new Set(tuples).size >= 0.99 * ROWS)
    const phones = rows.map(({ phone }) => phone!.replace(/\D/g, '').slice(-10))
    assert.ok(new Set(phones).size >= 0.99 * ROWS)
  })

  it('has rows of about 105 bytes, all valid', () => {
    assert.ok(Math.abs(text.length / ROWS - 105) < 5, `${text.length / ROWS} bytes`)
    assert.ok(rejects(rows).every((rejected) => !rejected))
    assert.deepEqual(impossiblePhones(rows), [])
  })

  it('is the same again for the same seed and another for another', () => {
    assert.equal(sample(referenceShape(7)).text, text)
    assert.notEqual(sample(referenceShape(8)).text, text)
  })
})

describe('the all-rejected shape', () => {
  it('has no row that passes', () => {
    assert.ok(rejects(sample(allRejectedShape(7)).rows).every((rejected) => rejected))
  })
})

describe('the wide shape', () => {
  const { rows, made } = sample(wideShape(7))

  it('has 30 columns, half of the cells quoted, and possible phones', () => {
    assert.equal(Object.keys(rows[0]!).length, 30)
    assert.equal(made[0]!.text.match(/(^|,)"/g)!.length, 15)
    assert.deepEqual(impossiblePhones(rows), [])
  })

  it('has exactly the planted rows rejected, as many for each of the four faults', () => {
    assert.deepEqual(
      rejects(rows),
      made.map(({ fault }) => fault !== null),
    )
    for (const fault of ['missing', 'bad-email', 'duplicate-id', 'duplicate-email']) {
      assert.equal(made.filter((row) => row.fault === fault).length, ROWS / 20)
    }
  })

  it('has UTF-8 in the e-mails of rows that pass and of rows that do not', () => {
    const other = (passes: boolean) =>
      rows.filter(({ email }, row) => (made[row]!.fault === null) === passes && /[^ -~]/.test(email!)).length
    assert.ok(other(true) > ROWS * 0.07 && other(false) > ROWS * 0.01)
  })
})
