import { isUtf8 } from 'node:buffer'
import { type BadValue, type ByteValues, type FixedValues, fixedValues, type Values, viewOf } from './read-values.ts'

const DAY = 86_400_000_000n
const JULIAN_1970 = 2_440_588n
/** 0001-01-01 and 9999-12-31, in days since 1970. */
const FIRST_DAY = -719_162
const LAST_DAY = 2_932_896

/** Turns values as a file has them into those of our types, which lie as `FixedColumn` and `BytesColumn` want them. */
export type Convert = (values: Values) => Values

export const same: Convert = (values) => values

/** Values of one length that are bytes to us. */
export function pieces(width: number): Convert {
  return ({ bytes, count }) => {
    const starts = Uint32Array.from({ length: count }, (_, index) => index * width)
    return { kind: 'bytes', bytes, starts, ends: starts.map((start) => start + width), count }
  }
}

/** Text that is no UTF-8 is bad. */
export const utf8: Convert = (values) => {
  const { bytes, starts, ends, count } = values as ByteValues
  // All of it is valid when each value is, and the other way round unless a value begins inside a character.
  const inside = (index: number) =>
    starts[index] !== ends[index] && ((bytes[starts[index] as number] as number) & 0xc0) === 0x80
  let suspicious = !isUtf8(bytes)
  for (let index = 0; index < count && !suspicious; index++) suspicious = inside(index)
  if (!suspicious) return values
  const bad = new Map<number, BadValue>()
  for (let index = 0; index < count; index++) {
    const text = bytes.subarray(starts[index], ends[index])
    if (isUtf8(text)) continue
    bad.set(index, { value: Buffer.from(text).toString('base64'), message: 'is not UTF-8; here it is in Base64' })
  }
  return { ...(values as ByteValues), bad }
}

/** Whole numbers with a sign, to 8 or 16 bytes. */
export function widenInts(from: 4 | 8, to: 8 | 16): Convert {
  return from === to
    ? same
    : each(to, (view, at, out, target) => {
        const value = from === 4 ? BigInt(view.getInt32(at, true)) : view.getBigInt64(at, true)
        writeBig(out, target, to, value)
      })
}

export function widenUnsigned(from: 4 | 8, to: 8 | 16): Convert {
  return each(to, (view, at, out, target) => {
    const value = from === 4 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true)
    writeBig(out, target, to, value)
  })
}

export const floats: Convert = each(8, (view, at, out, target) =>
  out.setFloat64(target, view.getFloat32(at, true), true),
)

/** Two's complement, the highest byte first, of `width` bytes or, if that is 0, of as many as each value has. */
export function bigEndian(to: 8 | 16, width: number): Convert {
  return (values) => {
    const { bytes, starts, ends, count } = (width === 0 ? values : pieces(width)(values)) as ByteValues
    const out = Buffer.alloc(count * to)
    const bad = new Map<number, BadValue>()
    for (let index = 0; index < count; index++) {
      const [start, end] = [starts[index] as number, ends[index] as number]
      const sign = (bytes[start] ?? 0) >= 0x80 && end > start ? 0xff : 0
      out.fill(sign, index * to, (index + 1) * to)
      for (let at = end - 1, place = 0; at >= start; at--, place++) {
        if (place < to) out[index * to + place] = bytes[at] as number
        else if (bytes[at] !== sign) bad.set(index, tooLarge(bytes.subarray(start, end)))
      }
    }
    return fixedValues(out, to, bad)
  }
}

function tooLarge(bytes: Uint8Array): BadValue {
  return { value: `0x${Buffer.from(bytes).toString('hex')}`, message: 'has more digits than its type' }
}

export const days: Convert = (values) => {
  const { bytes, count } = values as FixedValues
  const view = viewOf(bytes)
  const bad = new Map<number, BadValue>()
  for (let index = 0; index < count; index++) {
    const value = view.getInt32(index * 4, true)
    if (value < FIRST_DAY || value > LAST_DAY) {
      bad.set(index, { value: `${value} days since 1970`, message: 'is not in the years 0001 to 9999' })
    }
  }
  return fixedValues(bytes, 4, bad)
}

export const timeMillis: Convert = times((view, at) => BigInt(view.getInt32(at, true)) * 1000n)
export const timeMicros: Convert = times((view, at) => view.getBigInt64(at, true))
export const timeNanos: Convert = times((view, at) => microsOf(view.getBigInt64(at, true)))
export const millis: Convert = instants((view, at) => view.getBigInt64(at, true) * 1000n)
export const micros: Convert = instants((view, at) => view.getBigInt64(at, true))
export const nanos: Convert = instants((view, at) => microsOf(view.getBigInt64(at, true)))
/** Nanoseconds of a day, and the day of the Julian calendar. */
export const int96: Convert = instants((view, at) => {
  const inDay = microsOf(view.getBigInt64(at, true))
  return typeof inDay === 'bigint' ? inDay + (BigInt(view.getInt32(at + 8, true)) - JULIAN_1970) * DAY : inDay
})

/** Microseconds, or why it cannot be. */
type Micros = bigint | BadValue

function microsOf(value: bigint): Micros {
  if (value % 1000n === 0n) return value / 1000n
  return { value: `${value} ns`, message: 'is finer than a microsecond' }
}

function times(read: (view: DataView, at: number) => Micros): Convert {
  return microseconds(read, 0n, DAY, (value) => ({ value: `${value} µs`, message: 'is no time of a day' }))
}

function instants(read: (view: DataView, at: number) => Micros): Convert {
  const beyond = (value: bigint) => ({ value: `${value} µs since 1970`, message: 'is not in the years 0001 to 9999' })
  return microseconds(read, BigInt(FIRST_DAY) * DAY, BigInt(LAST_DAY + 1) * DAY, beyond)
}

function microseconds(
  read: (view: DataView, at: number) => Micros,
  first: bigint,
  end: bigint,
  beyond: (value: bigint) => BadValue,
): Convert {
  return (values) => {
    const { bytes, width, count } = values as FixedValues
    const view = viewOf(bytes)
    const out = new BigInt64Array(count)
    const bad = new Map<number, BadValue>()
    for (let index = 0; index < count; index++) {
      const value = read(view, index * width)
      if (typeof value !== 'bigint') bad.set(index, value)
      else if (value < first || value >= end) bad.set(index, beyond(value))
      else out[index] = value
    }
    return fixedValues(new Uint8Array(out.buffer), 8, bad)
  }
}

/** Value by value, each to `to` bytes. */
function each(to: number, write: (view: DataView, at: number, out: DataView, target: number) => void): Convert {
  return (values) => {
    const { bytes, width, count } = values as FixedValues
    const out = new Uint8Array(count * to)
    const [view, target] = [viewOf(bytes), viewOf(out)]
    for (let index = 0; index < count; index++) write(view, index * width, target, index * to)
    return fixedValues(out, to)
  }
}

function writeBig(out: DataView, at: number, bytes: 8 | 16, value: bigint): void {
  out.setBigInt64(at, BigInt.asIntN(64, value), true)
  if (bytes === 16) out.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
}
