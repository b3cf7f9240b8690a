import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SCAN, SCAN_ESCAPES, SCAN_IRREGULAR, SCAN_NOT_ASCII } from './kernels.ts'
import { Twins } from './twins.contract.ts'

const twins = new Twins()

interface ScanCase {
  readonly text: Uint8Array
  readonly shift?: number
  readonly delimiter?: number
  readonly quote?: number
}

/** Scans with both implementations; what counts are the complete records. */
function scanBoth({ text, shift = 0, delimiter = 44, quote = 34 }: ScanCase) {
  const from = twins.put(twins.text + shift, text)
  // The flag may come from bytes behind the end, so there must be none that are not ASCII.
  return twins.check(16 * text.length + 64, (kernels, out) => {
    kernels.scan(from, from + text.length, out + 64, out, delimiter, quote)
    const result = twins.wordsAt(out, 5)
    const spans = twins.wordsAt(out + 64, 2 * result[SCAN.fields]!)
    return { result, spans, from }
  })
}

const token = fc.constantFrom('a', 'bc', ',', ',', '"', '""', '\n', '\r\n', '\r', 'é', '\0', ' ', '"x"', '"\n"', '","')
const texts = fc.array(token, { maxLength: 120 }).map((parts) => Buffer.from(parts.join('')))
const regular = fc
  .array(fc.constantFrom('a', 'bcd', '', '"x"', '""', '"a""b"', '"1\r\n2"', '"\r"', 'é', '",,"'), { maxLength: 60 })
  .chain((cells) =>
    fc
      .array(fc.constantFrom(',', ',', '\n', '\r\n', '\r'), { minLength: cells.length, maxLength: cells.length })
      .map((ends) => Buffer.from(cells.map((cell, index) => cell + ends[index]).join(''))),
  )
const shift = fc.nat({ max: 70 })

describe('scan', () => {
  it('agrees with its twin on texts of separators, quotes and line ends, at every alignment', () => {
    fc.assert(
      fc.property(texts, shift, (text, shift) => void scanBoth({ text, shift })),
      { numRuns: 4000 },
    )
  })

  it('agrees with its twin on regular texts, which it reads to their last record', () => {
    fc.assert(
      fc.property(regular, shift, (text, shift) => {
        const { result } = scanBoth({ text, shift })
        assert.equal(result[SCAN.flags]! & SCAN_IRREGULAR, 0)
      }),
      { numRuns: 4000 },
    )
  })

  it('agrees with its twin on random bytes', () => {
    const few = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => BYTES[byte % BYTES.length]!))
    fc.assert(
      fc.property(fc.oneof(few, fc.uint8Array({ maxLength: 300 })), shift, (text, shift) => {
        scanBoth({ text, shift })
      }),
      { numRuns: 3000 },
    )
  })

  it('agrees with its twin on other delimiters and without quotes', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(9, 59, 0, 124, 97), fc.constantFrom(-1, 39, 32), (text, delimiter, quote) => {
        scanBoth({ text, delimiter, quote })
      }),
      { numRuns: 2000 },
    )
  })

  it('agrees with its twin wherever quotes and line ends stand around a border of 64 bytes', () => {
    const middles = ['"\n', '"\r\n', '\r\n"', '""', '"","', '\r', '\r\n', '","', '\r"\n"', '"a""b"\r\n', '"x"y', 'x"y']
    for (const middle of middles) {
      for (let before = 50; before < 80; before++) {
        for (const head of ['', '"']) {
          const start = `a\n${head}`
          const text = Buffer.from(`${start.padEnd(before, 'x')}${middle}${'z,z\n"y"\r\n'.repeat(8)}`)
          scanBoth({ text })
          for (let end = before - 2; end < before + 12; end++) scanBoth({ text: text.subarray(0, end) })
        }
      }
    }
  })

  it('tells what it saw', () => {
    const flags = (text: string) => scanBoth({ text: Buffer.from(text) }).result[SCAN.flags]
    assert.equal(flags('a,b\n'), 0)
    assert.equal(flags('é,b\n'), SCAN_NOT_ASCII)
    assert.equal(flags('"a""b"\n'), SCAN_ESCAPES)
    assert.equal(flags('a"b\n'), SCAN_IRREGULAR)
    assert.equal(flags('"a"b\n'), SCAN_IRREGULAR)
  })

  it('consumes whole records with their line ends and counts lines inside quotes too', () => {
    const { result, from } = scanBoth({ text: Buffer.from('a,"b\nc"\r\nd,e\r\nf') })
    assert.deepEqual(result, [4, from + 14, 2, 3, 0])
  })
})

const BYTES = [34, 34, 44, 10, 13, 97, 98, 200, 0]
