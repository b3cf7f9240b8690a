import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conditionsOf, type WhereTest } from './condition.ts'
import type { IcebergSchema } from './iceberg-schema.ts'

const SCHEMA: IcebergSchema = {
  type: 'struct',
  'schema-id': 0,
  fields: [{ id: 1, name: 'n', required: false, type: 'long' }],
}

describe('a test that makes no sense', () => {
  const cases: readonly (readonly [test: unknown, why: string])[] = [
    [[1, 2], 'has a list; write { in: […] }'],
    [{ in: 5 }, 'has an `in` that is no list'],
    [{ in: '12' }, 'has an `in` that is no list'],
    [{ in: [1, null] }, 'has null within a test, which finds none: write null alone'],
    [{ gt: null }, 'has null within a test, which finds none: write null alone'],
    [{ eq: 1 }, 'has a test "eq"; there are gt, gte, lt, lte and in'],
    ['1e3', 'is long, and is compared with what is no such value'],
    [undefined, 'is long, and is compared with what is no such value'],
  ]
  for (const [test, why] of cases) {
    it(`is refused: ${JSON.stringify(test)}`, () => {
      const where = { n: test as WhereTest }
      assert.throws(() => conditionsOf(where, SCHEMA), { code: 'job-invalid', message: `where: n ${why}.` })
    })
  }
})
