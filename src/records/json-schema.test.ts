import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { z } from 'zod'
import { type DataType, formatType, parseType, SAFE_INTEGER } from './data-type.ts'
import { fieldsOfJsonSchema, jsonSchemaOf } from './json-schema.ts'
import type { Field } from './schema.ts'

const kinds = 'boolean int32 int64 float64 date time timestamp timestamptz string uuid binary'.split(' ')
const decimals = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => `decimal(${precision},${scale})`))
const types: fc.Arbitrary<DataType | undefined> = fc.oneof(
  fc.oneof(fc.constantFrom(...kinds), decimals).map((name) => parseType(name) as DataType),
  fc.constantFrom(SAFE_INTEGER, undefined),
)
const fields: fc.Arbitrary<readonly Field[]> = fc.uniqueArray(
  fc.record(
    {
      name: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', '2', '10', '1', 'a')),
      type: types,
      nullable: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  { selector: ({ name }) => name, maxLength: 12 },
)

const textOf = (schema: z.ZodType) =>
  fieldsOfJsonSchema(z.toJSONSchema(schema)).map(({ name, type, nullable }) => {
    const safe = type !== undefined && 'safe' in type ? ' safe' : ''
    return `${name} ${type === undefined ? '?' : formatType(type)}${safe}${nullable ? '?' : ''}`
  })

describe('the JSON Schema of fields', () => {
  it('comes back as the same fields, through text', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    fc.assert(
      fc.property(fields, (fields) => {
        const text = JSON.stringify(jsonSchemaOf(fields))
        assert.deepEqual(fieldsOfJsonSchema(JSON.parse(text)), fields)
        assert.equal(ajv.validateSchema(JSON.parse(text)), true)
      }),
      { numRuns: 500 },
    )
  })

  it('says which objects are rows', () => {
    const decimal = parseType('decimal(4,2)')
    const isRow = new Ajv2020({ strict: false, validateFormats: false }).compile(
      jsonSchemaOf([
        { name: 'id', type: SAFE_INTEGER, nullable: false },
        { name: 'price', type: decimal, nullable: true },
        { name: 'any', type: undefined, nullable: false },
      ]),
    )
    const good = { id: 1, price: '1.50', any: [] }
    assert.equal(isRow(good), true)
    const bad = [{ id: null }, { id: 2 ** 60 }, { price: 1.5 }, { any: null }, { more: 1 }, { price: undefined }]
    for (const part of bad) {
      assert.equal(isRow(JSON.parse(JSON.stringify({ ...good, ...part }))), false, JSON.stringify(part))
    }
    assert.equal(isRow({ ...good, price: null }), true)
  })

  it('of others tells what can be told', () => {
    const other = z.object({
      id: z.uuid(),
      count: z.int(),
      price: z.number().nullable(),
      day: z.iso.date().optional(),
      at: z.iso.datetime(),
      name: z.email(),
      tags: z.array(z.string()),
      either: z.union([z.string(), z.number()]),
    })
    const expected = ['id uuid', 'count int64 safe', 'price float64?', 'day date?', 'at timestamptz', 'name string']
    assert.deepEqual([...textOf(other)].sort(), [...expected, 'tags ?', 'either ?'].sort())
  })
})
