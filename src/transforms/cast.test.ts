import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '../records/column.ts'
import { formatType } from '../records/data-type.ts'
import { textBatch } from '../records/testing/text-batch.ts'
import { type CastType, castSteps } from './cast.ts'
import { applySteps } from './testing/apply-steps.ts'

const castTo = async (type: CastType, text: string | null) =>
  applySteps(castSteps({ a: type }), textBatch({ a: [text] }))

describe('cast', () => {
  const good: [CastType, string, Cell][] = [
    ['string', ' 1 ', ' 1 '],
    ['number', '1e5', 100_000],
    ['number', '-.5', -0.5],
    ['number', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['integer', '+007', 7],
    ['integer', '-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['bigint', '9007199254740993', 9007199254740993n],
    ['boolean', 'FALSE', false],
    ['int32', '-5', -5],
    ['int64', '5', 5n],
    ['float64', '2.50', 2.5],
    ['decimal(10,2)', '2.5', '2.50'],
    ['date', '2026-02-28', new Date('2026-02-28T00:00:00Z')],
    ['time', '08:30', '08:30:00'],
    ['timestamp', '2026-01-02 10:00', new Date('2026-01-02T10:00:00Z')],
    ['timestamptz', '2026-02-28', new Date('2026-02-28T00:00:00Z')],
    ['timestamptz', '2026-01-02T10:00', new Date('2026-01-02T10:00:00Z')],
    ['timestamptz', '2026-01-02T10:00:00+02:00', new Date('2026-01-02T08:00:00Z')],
    ['uuid', 'F81D4FAE7DEC11D0A76500A0C91E6BF6', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    ['binary', 'aGk=', Buffer.from('hi')],
  ]
  for (const [type, text, expected] of good) {
    it(`makes a ${type} of ${text}`, async () => {
      const { columns, errors } = await castTo(type, text)
      assert.deepEqual([columns[0]?.value(0), errors.size], [expected, 0])
    })
  }

  const bad: [CastType, string, RegExp][] = [
    ['number', 'x', /is no number/],
    ['number', ' 1', /is no number/],
    ['number', '1e999', /is no number/],
    ['number', '9007199254740993', /beyond 2\^53.*cast it to bigint/],
    ['number', '-9007199254740993', /bigint/],
    ['integer', '9007199254740993', /bigint/],
    ['integer', '1.5', /is no integer/],
    ['bigint', '1.0', /is no bigint/],
    ['bigint', '9223372036854775808', /beyond 64 bits: cast it to decimal\(38,0\)/],
    ['boolean', 'no', /is no boolean/],
    ['date', '2026-02-30', /a day that its month does not have/],
    ['date', '01/02/2026', /is no date/],
    ['date', '2026-01-02T10:00', /has a time: cast it to timestamptz/],
    ['binary', 'ä', /is no binary/],
  ]
  for (const [type, text, message] of bad) {
    it(`makes no ${type} of ${text}`, async () => {
      const { columns, errors } = await castTo(type, text)
      const [error] = errors.of(0) ?? []
      assert.match(error?.message ?? '', message)
      assert.deepEqual([error?.code, error?.rule, error?.column, error?.value], ['type-error', 'cast(a)', 'a', text])
      assert.deepEqual([columns[0]?.value(0), columns[0]?.failed?.has(0)], [null, true])
    })
  }

  it('leaves null as it is', async () => {
    for (const type of ['string', 'number', 'integer', 'date', 'uuid', 'binary'] as const) {
      const { columns, errors } = await castTo(type, null)
      assert.deepEqual([columns[0]?.value(0), errors.size], [null, 0])
    }
  })

  it('says in the schema what the column is', async () => {
    const { schema } = await castTo('decimal(10,2)', '1')
    const [field] = schema.fields
    assert.ok(field?.type !== undefined)
    assert.equal(formatType(field.type), 'decimal(10,2)')
  })

  it('is called cast where people see it', () => {
    assert.deepEqual(
      castSteps({ a: 'number', b: 'date' }).map(({ name }) => name),
      ['cast(a)', 'cast(b)'],
    )
  })
})
