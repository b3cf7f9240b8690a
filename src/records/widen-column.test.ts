import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { openResources } from '../lifecycle/resources.ts'
import type { DataType } from './data-type.ts'
import { typedValues } from './typed-values.ts'
import { widenColumn, widensTo } from './widen-column.ts'

const decimal = (precision: number): DataType => ({ kind: 'decimal', precision, scale: 2 })

describe('widenColumn', () => {
  it('keeps every value and every null', async () => {
    await using resources = await openResources(0)
    const memory = await resources.pool.acquire()
    const cases: readonly (readonly [DataType, DataType, number])[] = [
      [{ kind: 'int32' }, { kind: 'int64' }, 2 ** 31],
      [decimal(9), decimal(18), 1e9],
      [decimal(9), decimal(38), 1e9],
      [decimal(20), decimal(38), 1e15],
    ]
    for (const [from, to, end] of cases) {
      const values = fc.array(fc.option(fc.integer({ min: 1 - end, max: end - 1 })), { maxLength: 70 })
      fc.assert(
        fc.property(values, (numbers) => {
          memory.reset()
          const text = (value: number) => (from.kind === 'decimal' ? (BigInt(value) / 100n).toString() : `${value}`)
          const cells = numbers.map((value) => (value === null ? null : text(value)))
          const narrow = typedValues(memory, from, cells, () => assert.fail('refused'))
          const wide = widenColumn(memory, narrow, to)
          const expected = typedValues(memory, to, cells, () => assert.fail('refused'))
          assert.deepEqual(wide.values(), expected.values())
        }),
      )
    }
    resources.pool.release(memory)
  })

  it('goes only where no value is lost', () => {
    assert.ok(widensTo({ kind: 'int32' }, { kind: 'int64' }))
    assert.ok(widensTo(decimal(9), decimal(9)))
    assert.equal(widensTo({ kind: 'int64' }, { kind: 'int32' }), false)
    assert.equal(widensTo(decimal(9), decimal(8)), false)
    assert.equal(widensTo(decimal(9), { kind: 'decimal', precision: 20, scale: 3 }), false)
    assert.equal(widensTo({ kind: 'date' }, { kind: 'timestamp' }), false)
  })
})
