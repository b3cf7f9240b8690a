import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GONE, LIVE } from '../span.ts'
import { type Cell, cells, liveMasks, putCells, Twins } from './twins.contract.ts'

const twins = new Twins()
const column = fc.array(cells, { maxLength: 40 })
const shift = fc.nat({ max: 15 })
const stride = fc.constantFrom(8, 16, 40)
const RUNS = { numRuns: 2000 }

const plain = (text: string): Cell => ({ bytes: Buffer.from(text), flags: 0 })

describe('findCell', () => {
  it('agrees with its twin', () => {
    const text = fc.constantFrom('', 'a', 'id', 'customer_id_of_more_than_sixteen_bytes')
    const pool = fc.array(fc.oneof(text.map(plain), cells), { maxLength: 40 })
    fc.assert(
      fc.property(pool, text, shift, stride, (column, wanted, shift, stride) => {
        putCells(twins, column, { shift, stride })
        const address = twins.put(twins.text + (1 << 19), Buffer.from(wanted))
        const rows = column.length
        twins.check(4 * rows + 4, (kernels, out) => {
          kernels.findCell(twins.shared, stride, rows, address, wanted.length, out)
          return twins.listAt(out)
        })
      }),
      RUNS,
    )
  })
})

describe('markEscaped', () => {
  it('agrees with its twin and changes nothing but the flag', () => {
    fc.assert(
      fc.property(column, shift, fc.constantFrom(34, 39, 7), (column, shift, quote) => {
        putCells(twins, column, { shift })
        const spans = twins.wordsAt(twins.shared, 2 * column.length)
        twins.check(8 * column.length, (kernels, out) => {
          kernels.markEscaped(twins.putWords(out, spans), column.length, quote)
          return twins.wordsAt(out, 2 * column.length)
        })
      }),
      RUNS,
    )
  })
})

describe('countLines', () => {
  it('agrees with its twin', () => {
    const text = fc.array(fc.constantFrom(10, 13, 97), { maxLength: 80 })
    fc.assert(
      fc.property(text, shift, (bytes, shift) => {
        const from = twins.put(twins.text + shift, Uint8Array.from(bytes))
        twins.check(0, (kernels) => kernels.countLines(from, from + bytes.length))
      }),
      RUNS,
    )
  })

  it('counts LF, CR and CRLF once each, and an LF whose CR stands before the range', () => {
    const from = twins.put(twins.text, Buffer.from('a\nb\rc\r\nd\n\r'))
    assert.equal(
      twins.check(0, (kernels) => kernels.countLines(from, from + 10)),
      5,
    )
    assert.equal(
      twins.check(0, (kernels) => kernels.countLines(from + 6, from + 8)),
      1,
    )
  })
})

describe('countLive and countFlowing', () => {
  it('agree with their twins at every alignment', () => {
    fc.assert(
      fc.property(liveMasks, shift, (mask, shift) => {
        const live = twins.put(twins.text + shift, mask)
        const counts = twins.check(0, (kernels) => [
          kernels.countLive(live, mask.length),
          kernels.countFlowing(live, mask.length),
        ])
        assert.deepEqual(counts, [
          mask.filter((byte) => byte === LIVE).length,
          mask.filter((byte) => byte !== GONE).length,
        ])
      }),
      RUNS,
    )
  })
})

describe('findNulls', () => {
  it('agrees with its twin and passes over rows that are gone', () => {
    fc.assert(
      fc.property(column, shift, stride, liveMasks, (all, shift, stride, mask) => {
        const column = all.slice(0, mask.length)
        putCells(twins, column, { shift, stride })
        const live = twins.put(twins.text + (1 << 19), mask)
        const found = twins.check(4 * column.length + 4, (kernels, out) => {
          kernels.findNulls(twins.shared, stride, column.length, live, out)
          return twins.listAt(out)
        })
        const expected = column.flatMap(({ bytes }, row) => (bytes.length === 0 && mask[row] !== GONE ? [row] : []))
        assert.deepEqual(found, expected)
      }),
      RUNS,
    )
  })
})

describe('gather', () => {
  it('agrees with its twin on segments of neighbours, single cells and repeated cells', () => {
    const segment = fc.record({ first: fc.nat({ max: 3 }), span: fc.nat({ max: 2 }), repeat: fc.boolean() })
    const table = fc.array(fc.array(cells, { minLength: 4, maxLength: 4 }), { maxLength: 20 })
    const segments = fc.array(segment, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(table, segments, liveMasks, shift, fc.boolean(), (all, parts, mask, shift, withEnds) => {
        const rows = all.slice(0, mask.length)
        putCells(twins, rows.flat(), { shift })
        const live = twins.put(twins.text + (1 << 19), mask)
        const plan = parts.flatMap(({ first, span, repeat }, index) => {
          const address = twins.shared + 8 * first
          const last = twins.shared + 8 * Math.min(3, first + span)
          return [address, last, repeat ? 0 : 32, index === parts.length - 1 ? 10 : 44]
        })
        const segments = twins.putWords(twins.shared + (1 << 19), plan)
        twins.check(1 << 17, (kernels, out) => {
          const text = out + (1 << 16) + shift
          const end = kernels.gather(segments, parts.length, rows.length, live, text, withEnds ? out : 0)
          return [end - text, twins.bytesAt(text, end - text), twins.bytesAt(out, 4 * rows.length)]
        })
      }),
      { numRuns: 1500 },
    )
  })
})
