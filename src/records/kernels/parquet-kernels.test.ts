import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DICTIONARY } from './page-kernels.ts'
import { type Cell, cells, liveMasks, putCells, Twins } from './twins.contract.ts'

const twins = new Twins()
const half = 1 << 19
const validities = fc.uint8Array({ minLength: 9, maxLength: 9 })

/** The words of an empty page at `out`, with its values behind and then its levels. */
function openPage(out: number, room: number): number {
  const values = out + 64 + 128
  return twins.putWords(out, [values, values + room, out + 64, 0, 0])
}

function pageAt(out: number): readonly unknown[] {
  const [end, , , level, values] = twins.wordsAt(out, 5) as [number, number, number, number, number]
  const start = out + 192
  return [end - out, level, values, twins.bytesAt(out + 64, (level + 7) >> 3), twins.bytesAt(start, end - start)]
}

describe('packText', () => {
  it('agrees with its twin, with and without validity, and stops where there is no room', () => {
    const room = fc.constantFrom(0, 3, 4, 50, 4000)
    const column = fc.array(cells, { maxLength: 70 })
    fc.assert(
      fc.property(column, liveMasks, validities, room, fc.boolean(), (column, mask, bits, room, typed) => {
        const rows = Math.min(column.length, mask.length)
        const plain = column.map((cell) => (typed ? { ...cell, flags: 0 } : cell))
        putCells(twins, plain.slice(0, rows), {})
        const live = twins.put(twins.text + half, mask)
        const validity = typed ? twins.put(twins.shared + half, bits) : 0
        twins.check(room + 400, (kernels, out) => {
          openPage(out, room)
          const row = kernels.packText(twins.shared, 8, 0, rows, live, validity, out)
          return [row, ...pageAt(out)]
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('writes lengths and bytes, and halves doubled quotes', () => {
    const text = (value: string, flags = 0): Cell => ({ bytes: Buffer.from(value), flags })
    const column = [text('ab'), text(''), text('x""y', 0xc000_0000), text('é')]
    putCells(twins, column, {})
    // The byte in front of an escaped cell is its quote.
    const live = twins.put(twins.text + half, Uint8Array.of(1, 1, 1, 1))
    twins.linear.bytes[twins.linear.words[(twins.shared >>> 2) + 4]! - 1] = 34
    const [, bytes] = twins.check(4096, (kernels, out) => {
      openPage(out, 4000)
      kernels.packText(twins.shared, 8, 0, 4, live, 0, out)
      return [pageAt(out), twins.bytesAt(out + 192, 4 + 2 + 4 + 3 + 4 + 2), twins.bytesAt(out + 64, 1)]
    })
    assert.equal(bytes, `02000000${hex('ab')}03000000${hex('x"y')}02000000${hex('é')}`)
  })
})

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

describe('packFixed', () => {
  it('agrees with its twin for every width, and goes on in another page', () => {
    const widths = fc.constantFrom([1, 1], [4, 4], [8, 4], [8, 8], [16, 16], [16, 9], [16, 13] as const)
    const room = fc.constantFrom(40, 100, 4000)
    const values = fc.uint8Array({ minLength: 1200, maxLength: 1200 })
    fc.assert(
      fc.property(values, widths, liveMasks, validities, room, (values, [stride, width], mask, bits, room) => {
        const at = twins.put(twins.text, values)
        const live = twins.put(twins.text + half, mask)
        const validity = twins.put(twins.shared + half, bits)
        twins.check(room + 400, (kernels, out) => {
          const pages: unknown[] = []
          for (let row = 0; ; ) {
            openPage(out, room)
            row = kernels.packFixed(at, stride!, width!, row, mask.length, live, validity, out)
            pages.push([row, ...pageAt(out)])
            if (row === mask.length) return pages
          }
        })
      }),
      { numRuns: 1000 },
    )
  })
})

describe('packBits and reverseBytes', () => {
  it('agree with their twins', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.integer({ min: 1, max: 16 }), (bytes, width) => {
        const from = twins.put(twins.text, bytes)
        const count = Math.floor(bytes.length / width)
        twins.check(200, (kernels, out) => {
          twins.linear.bytes.set(bytes, out + 100)
          kernels.reverseBytes(out + 100, count, width)
          const end = kernels.packBits(from, bytes.length, out)
          return [end - out, twins.bytesAt(out, end - out), twins.bytesAt(out + 100, bytes.length)]
        })
      }),
      { numRuns: 1000 },
    )
  })
})

const texts = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(7, 8, 9, 15, 16, 17, 33).map((length) => new Uint8Array(length).fill(255)),
)

function plain(values: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(value.length)
      return [length, value]
    }),
  )
}

describe('internValues', () => {
  const WORDS = 64
  const TABLE = WORDS + 32 * 4
  const PLACES = TABLE + 256 * 4
  const INDICES = PLACES + 128 * 4
  const ENTRIES = INDICES + 128 * 4

  function openDictionary(out: number, most: number, limit: number): number {
    twins.linear.bytes.fill(0, out + TABLE, out + PLACES)
    const end = out + ENTRIES
    return twins.putWords(out, [0, end, most, end + limit, out + TABLE, 255, out + PLACES, 0])
  }

  it('agrees with its twin, for text and for fixed widths, with room and without', () => {
    const widths = fc.constantFrom(0, 0, 4, 8, 16)
    const mosts = fc.constantFrom(0, 3, 128)
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 60 }), widths, mosts, fc.nat(900), (values, width, most, limit) => {
        const bytes = plain(values)
        const at = twins.put(twins.text, bytes)
        const count = width === 0 ? values.length : Math.floor(bytes.length / width)
        twins.check(ENTRIES + 1200, (kernels, out) => {
          openDictionary(out, most, limit)
          const done = kernels.internValues(at, count, width, out, out + INDICES)
          const words = twins.wordsAt(out, 8)
          const [known, end, next] = [words[DICTIONARY.known]!, words[DICTIONARY.end]!, words[DICTIONARY.next]!]
          return [
            [done, known, end - out, next],
            twins.wordsAt(out + INDICES, done),
            twins.bytesAt(out + ENTRIES, end - out - ENTRIES),
            twins.wordsAt(out + PLACES, known).map((place) => place - out),
          ]
        })
      }),
      { numRuns: 1500 },
    )
  })

  it('holds each value once, and indices that give all of them back', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 60 }), (values) => {
        const at = twins.put(twins.text, plain(values))
        const [indices, entries] = twins.check(ENTRIES + 4000, (kernels, out) => {
          openDictionary(out, 128, 3000)
          assert.equal(kernels.internValues(at, values.length, 0, out, out + INDICES), values.length)
          const places = twins.wordsAt(out + PLACES, twins.linear.words[out >>> 2]!)
          const entries = places.map((place) => twins.bytesAt(place + 4, twins.linear.bytes.readUInt32LE(place)))
          return [twins.wordsAt(out + INDICES, values.length), entries] as const
        })
        assert.deepEqual(
          indices.map((index) => entries[index]),
          values.map((value) => Buffer.from(value).toString('hex')),
        )
        assert.equal(new Set(entries).size, entries.length)
      }),
    )
  })
})

describe('encodeIndices', () => {
  const runs = fc.array(fc.tuple(fc.nat({ max: 2 ** 16 }), fc.constantFrom(1, 2, 7, 8, 15, 16, 17, 100)), {
    maxLength: 12,
  })

  it('agrees with its twin, and what it writes says the same', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 17 }), (runs, width) => {
        const values = runs.flatMap(([value, length]) => new Array<number>(length).fill(value % 2 ** width))
        const indices = twins.putWords(twins.text, values)
        const written = twins.check(8192, (kernels, out) => {
          const end = kernels.encodeIndices(indices, values.length, width, out)
          return twins.bytesAt(out, end - out)
        })
        assert.deepEqual(decode(Buffer.from(written, 'hex'), width).slice(0, values.length), values)
      }),
      { numRuns: 1000 },
    )
  })

  function decode(bytes: Buffer, width: number): number[] {
    const values: number[] = []
    for (let at = 0; at < bytes.length; ) {
      let header = 0
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!
        header += (byte & 127) * 2 ** shift
        if (byte < 128) break
      }
      const size = Math.ceil(width / 8)
      if ((header & 1) === 0) {
        values.push(...new Array<number>(header >> 1).fill(bytes.readUIntLE(at, size)))
        at += size
        continue
      }
      const packed = bytes.subarray(at, at + (header >> 1) * width)
      at += packed.length
      const bits = [...packed].map((byte) => byte.toString(2).padStart(8, '0').split('').reverse().join('')).join('')
      for (let from = 0; from < bits.length; from += width) {
        values.push(
          Number.parseInt(
            bits
              .slice(from, from + width)
              .split('')
              .reverse()
              .join(''),
            2,
          ),
        )
      }
    }
    return values
  }
})

describe('the bounds of values', () => {
  const near = fc.uint8Array({ minLength: 16, maxLength: 16 })

  it('agree with their twins', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 40 }), fc.array(near, { maxLength: 40 }), (values, fixed) => {
        const text = twins.put(twins.text, plain(values))
        const bytes = twins.put(twins.text + half, Buffer.concat(fixed))
        twins.check(64, (kernels, out) => {
          const bounds = () => twins.wordsAt(out, 2)
          const width = 9
          const rows = Math.floor((fixed.length * 16) / width)
          const found: unknown[] = []
          kernels.findTextBounds(text, values.length, out)
          found.push(bounds())
          for (const signed of [false, true]) {
            kernels.findBytesBounds(bytes, rows, width, signed, out)
            found.push(bounds())
            kernels.findBytesBounds(bytes, fixed.length, 16, signed, out)
            found.push(bounds())
          }
          kernels.findInt32Bounds(bytes, fixed.length * 4, out)
          found.push(bounds())
          kernels.findInt64Bounds(bytes, fixed.length * 2, out)
          found.push(bounds())
          return found
        })
      }),
      { numRuns: 1500 },
    )
  })

  it('leave NaN out, and take zeros of both signs for equal', () => {
    const numbers = fc.array(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, 0)), { maxLength: 30 })
    fc.assert(
      fc.property(numbers, (numbers) => {
        const at = twins.put(twins.text, new Uint8Array(Float64Array.from(numbers).buffer))
        const [strange, low, high] = twins.check(64, (kernels, out) => {
          const strange = kernels.findFloat64Bounds(at, numbers.length, out)
          return [strange, ...twins.wordsAt(out, 2)]
        }) as [number, number, number]
        const some = numbers.filter((value) => !Number.isNaN(value))
        assert.equal(strange, numbers.length - some.length)
        if (some.length === 0) return assert.deepEqual([low, high], [0, 0])
        assert.ok(twins.linear.bytes.readDoubleLE(low) === Math.min(...some))
        assert.ok(twins.linear.bytes.readDoubleLE(high) === Math.max(...some))
      }),
      { numRuns: 1000 },
    )
  })

  it('compares text by its bytes: an emoji is behind U+FFFD', () => {
    const [low, high] = ['😀', '�x'].map((text) => Buffer.from(text))
    const at = twins.put(twins.text, plain([low!, high!]))
    const bounds = twins.check(64, (kernels, out) => {
      kernels.findTextBounds(at, 2, out)
      return twins.wordsAt(out, 2)
    })
    assert.deepEqual(bounds, [at + 8, at])
  })
})
