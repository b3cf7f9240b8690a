import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Twins } from './twins.contract.ts'

const twins = new Twins()

const cell = fc.constantFrom('', '', 'a', 'bcd', '""', '"x"', '"a,b"')
const records = fc.array(
  fc.record({ cells: fc.array(cell, { minLength: 1, maxLength: 5 }), end: fc.constantFrom('\n', '\r\n', '\r') }),
  { maxLength: 40 },
)

/** Puts the text of the records, and the spans of their cells as `scan` would write them. */
function spansOf(rows: readonly { readonly cells: readonly string[]; readonly end: string }[]): readonly number[] {
  const spans: number[] = []
  let at = twins.text
  for (const { cells, end } of rows) {
    cells.forEach((text, index) => {
      const quoted = text.startsWith('"') ? 1 : 0
      spans.push(at + quoted, (at + text.length - quoted + quoted * 0x8000_0000) >>> 0)
      at += twins.linear.bytes.write(text + (index === cells.length - 1 ? end : ','), at)
    })
  }
  return spans
}

describe('alignRecords', () => {
  it('agrees with its twin on regular and ragged records, for every number of columns and room for faults', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 5 }), fc.integer({ min: 1, max: 8 }), fc.nat({ max: 3 }), (rows, ...rest) => {
        const [columns, capacity, gap] = rest
        const spans = spansOf(rows)
        twins.check(8 * gap + 4 * spans.length, (kernels, into) => {
          const fields = twins.putWords(into + 8 * gap, spans)
          const faults = twins.shared
          const good = kernels.alignRecords(fields, spans.length / 2, columns, into, faults, capacity)
          const [bad] = twins.wordsAt(faults, 1)
          return [good, twins.wordsAt(faults, 2 + 4 * bad!), addressless(into, good * columns)]
        })
      }),
      { numRuns: 4000 },
    )
  })

  it('describes blank, short and long records', () => {
    const rows = [['a', 'b'], [''], ['c'], ['d', 'e'], ['f', 'g', '"h"']].map((cells) => ({ cells, end: '\r\n' }))
    const spans = spansOf(rows)
    const [good, faults] = twins.check(4 * spans.length, (kernels, into) => {
      twins.putWords(into, spans)
      const kept = kernels.alignRecords(into, spans.length / 2, 2, into, twins.shared, 8)
      return [kept, twins.wordsAt(twins.shared, 14)] as const
    })
    assert.equal(good, 2)
    const at = twins.text
    assert.deepEqual(faults, [3, 9, 1, at + 5, at + 5, 0, 1, at + 7, at + 8, 1, 2, at + 15, at + 22, 3])
  })
})

describe('isRectangular', () => {
  it('agrees with its twin', () => {
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 5 }), (rows, columns) => {
        const spans = spansOf(rows)
        const whole = Math.floor(spans.length / 2 / columns)
        twins.check(4 * spans.length, (kernels, out) => {
          return Boolean(kernels.isRectangular(twins.putWords(out, spans), whole, columns))
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('is true for records of the same length and false when one is short and one long', () => {
    const rectangular = (...lengths: number[]) => {
      const spans = spansOf(lengths.map((length) => ({ cells: new Array(length).fill('x'), end: '\n' })))
      return twins.check(4 * spans.length, (kernels, out) => {
        return Boolean(kernels.isRectangular(twins.putWords(out, spans), lengths.length, 2))
      })
    }
    assert.equal(rectangular(2, 2, 2), true)
    assert.equal(rectangular(2, 1, 3), false)
    assert.equal(rectangular(2, 3, 1), false)
  })
})

function addressless(address: number, cells: number): readonly number[] {
  return twins.wordsAt(address, 2 * cells)
}
