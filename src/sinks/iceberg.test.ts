import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromEnv } from '../config/secret.ts'
import { writeIceberg } from './iceberg.ts'

describe('writeIceberg', () => {
  it('refuses what makes no sense, and says what would', () => {
    const wrong: readonly (readonly [() => unknown, RegExp])[] = [
      [() => writeIceberg('customers'), /catalog\.namespace\.table/],
      [() => writeIceberg('a.b.c', { mode: 'replace' as never }), /mode must be "append" or "overwrite"/],
      [() => writeIceberg('a.b.c', { partionBy: [] } as never), /did you mean "partitionBy"/],
      [() => writeIceberg('a.b.c', { partitionBy: ['week(at)'] }), /partitionBy: week\(at\): write a column, or day/],
      [() => writeIceberg('a.b.c', { catalog: { type: 'sql' } as never }), /catalog\.uri is missing/],
      [() => writeIceberg('a.b.c', { catalog: { type: 'hive', uri: 'x' } as never }), /type must be "sql" or "rest"/],
    ]
    for (const [call, message] of wrong) assert.throws(call, { code: 'job-invalid', message })
  })

  it('is described without secrets', () => {
    process.env['A_TOKEN'] = 'very-secret'
    const auth = { type: 'bearer', token: fromEnv('A_TOKEN') } as const
    const { description } = writeIceberg('a.b.c', { catalog: { type: 'rest', uri: 'https://c.example', auth } })
    assert.deepEqual(JSON.parse(JSON.stringify(description)), {
      type: 'iceberg',
      table: 'a.b.c',
      catalog: { type: 'rest', uri: 'https://c.example' },
    })
  })
})
