import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type DataType, parseType } from '../../records/data-type.ts'
import type { Field } from '../../records/schema.ts'
import { checkTwins, evolveSchema, replaceSchema, type SchemaPolicy } from './evolve-schema.ts'
import type { IcebergField, IcebergSchema, IcebergType } from './iceberg-schema.ts'
import { dataTypeOf, icebergTypeOf, newSchema, readableColumns } from './schema-mapping.ts'

const nested: IcebergType = { type: 'list', 'element-id': 9, 'element-required': true, element: 'string' }

function table(...columns: readonly (readonly [name: string, type: IcebergType, required?: boolean])[]) {
  const fields = columns.map(
    ([name, type, required = false], index): IcebergField => ({ id: index + 1, name, type, required }),
  )
  return { current: { type: 'struct', 'schema-id': 3, fields } as IcebergSchema, lastColumnId: 20, lastSchemaId: 5 }
}

function rows(columns: Readonly<Record<string, string>>, nullable = true): Field[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type: parseType(type), nullable }))
}

describe('the schema of a table', () => {
  it('holds every type of columns, and gives it back', () => {
    const names = [
      'boolean',
      'int32',
      'int64',
      'float64',
      'decimal(38,10)',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'string',
      'uuid',
      'binary',
    ]
    for (const name of names) {
      const type = parseType(name) as DataType
      assert.deepEqual(dataTypeOf(icebergTypeOf(type)), type)
    }
    assert.deepEqual(dataTypeOf('float'), { kind: 'float64' })
    assert.deepEqual(dataTypeOf('fixed[16]'), { kind: 'binary' })
    assert.equal(dataTypeOf('timestamp_ns'), undefined)
  })

  it('names what cannot be read and keeps the rest', () => {
    const { columns, unsupported } = readableColumns(table(['a', 'long'], ['tags', nested]).current)
    assert.deepEqual(
      columns.map(({ id, name }) => [id, name]),
      [[1, 'a']],
    )
    assert.deepEqual(unsupported, [{ name: 'tags', type: 'list<string>' }])
  })

  it('stays as it is when the rows fit, in any order, with columns left out', () => {
    const known = table(['a', 'long'], ['b', 'string'], ['tags', nested])
    for (const policy of ['evolve', 'freeze', 'discard_columns'] as const) {
      const { schema, columns } = evolveSchema(known, rows({ b: 'string', a: 'int32' }), policy)
      assert.equal(schema, known.current)
      assert.deepEqual(
        columns.map(({ id, type }) => [id, type]),
        [
          [2, 'string'],
          [1, 'long'],
        ],
      )
    }
  })

  it('takes new columns and wider types under `evolve`, with ids that were never used', () => {
    const known = table(['a', 'int', true], ['f', 'float'], ['d', 'decimal(9, 2)'])
    const { schema, lastColumnId, columns } = evolveSchema(
      known,
      rows({ a: 'int64', f: 'float64', d: 'decimal(12,2)', n: 'date' }, false),
      'evolve',
    )
    assert.equal(schema['schema-id'], 6)
    assert.deepEqual(
      schema.fields.map(({ id, type, required }) => [id, type, required]),
      [
        [1, 'long', true],
        [2, 'double', false],
        [3, 'decimal(12, 2)', false],
        [21, 'date', false],
      ],
    )
    assert.equal(lastColumnId, 21)
    assert.deepEqual(
      columns.map(({ id }) => id),
      [1, 2, 3, 21],
    )
  })

  it('refuses under `freeze` what `evolve` would change, all of it at once', () => {
    const known = table(['a', 'int'])
    assert.throws(() => evolveSchema(known, rows({ a: 'int64', n: 'date' }), 'freeze'), {
      code: 'target-not-writable',
      message: /a is int in the table and long in the rows; the table has no column n/,
    })
  })

  it('leaves new columns out under `discard_columns`, and says which', () => {
    const known = table(['a', 'int'])
    const { schema, discarded, columns } = evolveSchema(known, rows({ a: 'int32', n: 'date' }), 'discard_columns')
    assert.equal(schema, known.current)
    assert.deepEqual([discarded, columns.length], [['n'], 1])
    assert.throws(() => evolveSchema(known, rows({ a: 'int64' }), 'discard_columns'), { code: 'target-not-writable' })
  })

  it('never narrows, never nests, never leaves a required column out', () => {
    const wrong: readonly (readonly [IcebergType, string, RegExp])[] = [
      ['string', 'int64', /a is string in the table and long/],
      ['decimal(9, 2)', 'decimal(9,3)', /decimal\(9, 2\)/],
      ['timestamp', 'timestamptz', /timestamptz/],
      [nested, 'string', /list<string>.*nested/],
    ]
    for (const [type, given, message] of wrong) {
      assert.throws(() => evolveSchema(table(['a', type]), rows({ a: given }), 'evolve'), { message })
    }
    assert.throws(() => evolveSchema(table(['a', 'long', true]), rows({ b: 'string' }), 'evolve'), {
      message: /a is required/,
    })
  })

  it('keeps a column required when rows may be null there: their values decide', () => {
    const { columns } = evolveSchema(table(['a', 'long', true]), rows({ a: 'int64' }), 'freeze')
    assert.deepEqual(columns, [{ id: 1, name: 'a', required: true, type: 'long' }])
  })

  it('of a replaced table keeps the ids of columns that stay, and takes new ones for others', () => {
    const known = table(['a', 'int'], ['b', 'string'])
    const { schema } = replaceSchema(known, rows({ b: 'string', a: 'int64', c: 'date' }))
    assert.deepEqual(
      schema.fields.map(({ id, name }) => [id, name]),
      [
        [2, 'b'],
        [21, 'a'],
        [22, 'c'],
      ],
    )
    assert.equal(replaceSchema(known, rows({ a: 'int32', b: 'string' })).schema, known.current)
  })

  it('never gives an id twice, whatever is evolved', () => {
    const kinds = fc.constantFrom('int32', 'int64', 'float64', 'string', 'date')
    const columns = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), kinds, { minKeys: 1 })
    fc.assert(
      fc.property(
        columns,
        fc.array(columns, { maxLength: 5 }),
        fc.constantFrom<SchemaPolicy>('evolve', 'discard_columns'),
        (first, more, policy) => {
          let schema = newSchema(rows(first))
          let last = schema.fields.length
          for (const next of more) {
            try {
              const evolved = evolveSchema(
                { current: schema, lastColumnId: last, lastSchemaId: schema['schema-id'] },
                rows(next),
                policy,
              )
              for (const field of evolved.schema.fields.slice(schema.fields.length)) assert.ok(field.id > last)
              schema = evolved.schema
              last = evolved.lastColumnId
            } catch {
              // What does not fit changes nothing.
            }
            const ids = schema.fields.map(({ id }) => id)
            assert.equal(new Set(ids).size, ids.length)
            assert.equal(Math.max(...ids), last)
          }
        },
      ),
    )
  })

  it('has no names that differ in upper and lower case alone', () => {
    const known = table(['id', 'long'])
    const message = /ID differs from id in upper and lower case alone/
    assert.throws(() => evolveSchema(known, rows({ ID: 'int64' }), 'evolve'), { code: 'target-not-writable', message })
    assert.throws(() => evolveSchema(known, rows({ a: 'date', A: 'date' }), 'evolve'), /A differs from a/)
    assert.deepEqual(evolveSchema(known, rows({ ID: 'int64', id: 'int64' }), 'discard_columns').discarded, ['ID'])
    assert.throws(() => checkTwins(rows({ a: 'date', A: 'date' })), { code: 'target-not-writable', message: /a and A/ })
    checkTwins(rows({ a: 'date', b: 'date' }))
  })
})
