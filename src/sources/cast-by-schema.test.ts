import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { formatType, STRING } from '../records/data-type.ts'
import { isBeyondNumbers, isNoDay, readNumber } from '../records/read-value.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { schemaOfFields } from '../records/schema.ts'
import { textBatch } from '../records/testing/text-batch.ts'
import { FixedColumn, isTyped } from '../records/typed-column.ts'
import { BOOLEAN, INT64 } from '../records/types/integers.ts'
import { TIMESTAMPTZ } from '../records/types/times.ts'
import { SchemaCast } from './csv-schema.ts'

const cast = (type: z.ZodType, cells: readonly (string | null)[]): RecordBatch =>
  new SchemaCast(z.object({ a: type })).apply(textBatch({ a: cells }))

/** The column's field: its type, with `?` where a value may be missing. */
const fieldOf = (type: z.ZodType) => {
  const [field] = cast(type, []).schema.fields
  return `${field?.type === undefined ? 'untyped' : formatType(field.type)}${field?.nullable ? '?' : ''}`
}

/** What text means to a type of zod, which then judges. */
const MEANINGS: Readonly<Record<string, (text: string) => unknown>> = {
  string: (text) => text,
  number: (text) => (isBeyondNumbers(text) ? text : (readNumber(text) ?? text)),
  // Its column has 64 bits.
  bigint: (text) => INT64.parse(text) ?? text,
  boolean: (text) => {
    const truth = BOOLEAN.parse(text)
    return truth === undefined ? text : truth === 1
  },
  date: (text) => {
    const micros = isNoDay(text) ? undefined : TIMESTAMPTZ.parse(text)
    return micros === undefined ? text : TIMESTAMPTZ.cell(micros)
  },
}

const texts = fc.oneof(
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
  fc.uuid(),
  fc.constantFrom('true', 'False', '1', '0', 'no', '1.0', '1e3', '-0', '007', 'NaN', '9007199254740993', ' 1', '+1'),
  fc.constantFrom('2026-02-30', '2026-01-02', '2026-01-02 10:00', '2026-01-02T10:00:00.123456Z', '"', 'é', 'a"b'),
)

const KINDS: Readonly<Record<string, z.ZodType>> = {
  'z.string()': z.string(),
  'z.number()': z.number(),
  'z.int()': z.int(),
  'z.int32()': z.int32(),
  'z.uint32()': z.uint32(),
  'z.bigint()': z.bigint(),
  'z.boolean()': z.boolean(),
  'z.date()': z.date(),
  'z.uuid()': z.uuid(),
  'z.number().int().min(5)': z.number().int().min(5),
  'z.string().min(2)': z.string().min(2),
  'z.date().min()': z.date().min(new Date(1e12)),
  'z.number().transform()': z.number().transform((n) => `${n}!`),
}

describe('a schema on a column of text', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    for (const [suffix, type] of [
      ['', kind],
      ['.nullable()', kind.nullable()],
      ['.optional()', kind.optional()],
    ] as const) {
      it(`judges and reads for ${name}${suffix} as zod does`, () => {
        const meaning = MEANINGS[(kind as z.ZodPipe).def.in?._zod.def.type ?? kind.def.type] as (
          text: string,
        ) => unknown
        const missing = suffix === '.optional()' ? undefined : null
        fc.assert(
          fc.property(fc.array(fc.option(texts), { maxLength: 30 }), (cells) => {
            const batch = cast(type, cells)
            cells.forEach((cell, row) => {
              const result = type.safeParse(cell === null ? missing : meaning(cell))
              const [column] = batch.columns
              assert.equal(batch.errors.of(row)?.length ?? 0, result.success ? 0 : 1, String(cell))
              assert.equal(column?.failed?.has(row) ?? false, !result.success)
              const expected = result.success ? (result.data ?? null) : null
              const same =
                column instanceof FixedColumn && typeof expected === 'string' ? expected.toLowerCase() : expected
              if (result.success) assert.deepEqual(plus(column?.value(row)), plus(same), String(cell))
            })
          }),
          { numRuns: 150 },
        )
      })
    }
  }

  /** Integers have one zero. */
  function plus(value: unknown): unknown {
    return value === 0 ? 0 : value
  }

  it('keeps the microseconds of a date, with checks and without', () => {
    for (const type of [z.date(), z.date().min(new Date(0))]) {
      const [column] = cast(type, ['2026-01-02T10:00:00.123456Z']).columns
      assert.ok(column instanceof FixedColumn)
      assert.equal(column.text(0), '2026-01-02T10:00:00.123456Z')
    }
  })

  const fields: readonly (readonly [string, z.ZodType, string])[] = [
    ['z.string()', z.string(), 'string'],
    ['z.email().nullable()', z.email().nullable(), 'string?'],
    ['z.enum()', z.enum(['a', 'b']).optional(), 'string?'],
    ['z.number()', z.number(), 'float64'],
    ['z.number().default(0)', z.number().default(0), 'float64'],
    ['z.int()', z.int(), 'int64'],
    ['z.number().int()', z.number().int(), 'int64'],
    ['z.int32()', z.int32(), 'int32'],
    ['z.bigint().nullish()', z.bigint().nullish(), 'int64?'],
    ['z.boolean()', z.boolean(), 'boolean'],
    ['z.coerce.date()', z.coerce.date(), 'timestamptz'],
    ['z.uuid()', z.uuid(), 'uuid'],
    ['z.string().transform()', z.string().transform((text) => text.length), 'untyped?'],
    ['z.string().transform().pipe()', z.string().transform(Number).pipe(z.number()), 'float64'],
    ['z.any()', z.any(), 'untyped?'],
    ['a dataType', z.string().meta({ dataType: 'decimal(10,2)' }), 'decimal(10,2)'],
    ['a dataType within', z.date().meta({ dataType: 'date' }).nullable(), 'date?'],
  ]
  for (const [name, type, expected] of fields) {
    it(`says what ${name} is`, () => assert.equal(fieldOf(type), expected))
  }

  it('reads text as the type that its metadata names', () => {
    const type = z.string().regex(/^\d/).meta({ dataType: 'decimal(4,2)' })
    for (const money of [type, z.string().meta({ dataType: 'decimal(4,2)' })]) {
      const batch = cast(money, ['1.5', '123', 'x'])
      assert.ok(isTyped(batch.columns[0] as never))
      assert.deepEqual(batch.columns[0]?.values(), ['1.50', null, null])
      assert.match(batch.errors.of(1)?.[0]?.message ?? '', /"a": the value has more than 2 digits before the point/)
      assert.deepEqual([batch.errors.of(1)?.[0]?.code, batch.errors.of(1)?.[0]?.value], ['type-error', '123'])
      assert.equal(batch.errors.of(2)?.length, 1)
    }
  })

  it('lets no column of text stay of which the schema makes another type', () => {
    const text = textBatch({ a: ['f81d4fae-7dec-41d0-a765-00a0c91e6bf6'] })
    const given = text.withColumns(schemaOfFields([{ name: 'a', type: STRING, nullable: true }]), text.columns)
    const { schema, columns } = new SchemaCast(z.object({ a: z.uuid() })).apply(given)
    assert.deepEqual(schema.fields, [{ name: 'a', type: { kind: 'uuid' }, nullable: false }])
    assert.deepEqual(
      columns.map((column) => isTyped(column) && column.type.kind),
      ['uuid'],
    )
  })

  it('says which type holds what a bigint of 64 bits cannot', () => {
    const { errors } = cast(z.bigint(), ['9223372036854775808'])
    assert.match(errors.of(0)?.[0]?.message ?? '', /beyond 64 bits, where the type would be decimal\(38,0\)/)
  })

  it('refuses a dataType that there is not, and one of other values than zod says', () => {
    const wrong = (type: z.ZodType) => () => new SchemaCast(z.object({ a: type }))
    assert.throws(wrong(z.string().meta({ dataType: 'money' })), {
      code: 'job-invalid',
      message: /no dataType "money"/,
    })
    assert.throws(wrong(z.string().meta({ dataType: 'int64' })), {
      code: 'job-invalid',
      message: /z\.string\(\) cannot/,
    })
  })
})
