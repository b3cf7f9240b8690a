import { readDeltas } from './read-deltas.ts'
import type { Form } from './read-form.ts'
import { aligned, type ByteValues, fixedValues, type Values, viewOf } from './read-values.ts'

/**
 * Values that do not lie in a dictionary, from `start` of a page on. There are `count`; a page that has fewer throws
 * RangeError. Booleans lie elsewhere, see `read-page.ts`.
 */
export function readValues(encoding: number, bytes: Uint8Array, start: number, count: number, form: Form): Values {
  switch (encoding) {
    case PLAIN:
      return form.width === 0 ? plainBytes(bytes, start, count) : plain(bytes, start, count, form.width)
    case DELTA_BINARY_PACKED:
      return deltas(bytes, start, count, form)
    case DELTA_LENGTH_BYTE_ARRAY:
      return deltaLengths(bytes, start, count)
    case DELTA_BYTE_ARRAY:
      return deltaBytes(bytes, start, count, form)
    case BYTE_STREAM_SPLIT:
      return split(bytes, start, count, form)
    default:
      throw new RangeError(`values in the unknown encoding ${encoding}`)
  }
}

function plain(bytes: Uint8Array, start: number, count: number, width: number): Values {
  const end = start + count * width
  if (end > bytes.length) throw new RangeError(`${count} values in ${bytes.length - start} bytes`)
  return fixedValues(aligned(bytes.subarray(start, end)), width)
}

function plainBytes(bytes: Uint8Array, start: number, count: number): ByteValues {
  if (count * 4 > bytes.length - start) throw new RangeError(`${count} values in ${bytes.length - start} bytes`)
  const view = viewOf(bytes)
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  let at = start
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(at, true)
    // No length is read again; without it all values are one text, in which zeros stand between them.
    view.setUint32(at, 0)
    starts[index] = at + 4
    at += 4 + length
    ends[index] = at
    if (at > bytes.length) throw new RangeError('a value that is not all there')
  }
  return window(bytes, start, at, starts, ends)
}

function deltas(bytes: Uint8Array, start: number, count: number, { physical }: Form): Values {
  if (physical !== 'INT32' && physical !== 'INT64') throw new RangeError(`deltas of ${physical}`)
  const output = physical === 'INT32' ? new Int32Array(count) : new BigInt64Array(count)
  readDeltas(bytes, start, output)
  return fixedValues(new Uint8Array(output.buffer), output.BYTES_PER_ELEMENT)
}

function deltaLengths(bytes: Uint8Array, start: number, count: number): ByteValues {
  const lengths = new Int32Array(count)
  const first = readDeltas(bytes, start, lengths)
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  let at = first
  lengths.forEach((length, index) => {
    starts[index] = at
    at += length
    ends[index] = at
    if (length < 0 || at > bytes.length) throw new RangeError('a value that is not all there')
  })
  return window(bytes, first, at, starts, ends)
}

/** Each value begins as the one before it did. */
function deltaBytes(bytes: Uint8Array, start: number, count: number, form: Form): Values {
  const [shared, own] = [new Int32Array(count), new Int32Array(count)]
  let from = readDeltas(bytes, readDeltas(bytes, start, shared), own)
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  let size = 0
  for (let index = 0; index < count; index++) {
    const [prefix, rest] = [shared[index] as number, own[index] as number]
    const before = index === 0 ? 0 : (own[index - 1] as number) + (shared[index - 1] as number)
    if (prefix < 0 || rest < 0 || prefix > before) throw new RangeError('a value that begins as none did')
    starts[index] = size
    size += prefix + rest
    ends[index] = size
    if (size > MOST) throw new RangeError(`values of more than ${MOST} bytes in one page`)
  }
  const out = new Uint8Array(size)
  for (let index = 0; index < count; index++) {
    const [prefix, rest, at] = [shared[index] as number, own[index] as number, starts[index] as number]
    const before = starts[index - 1] ?? 0
    if (from + rest > bytes.length) throw new RangeError('a value that is not all there')
    out.copyWithin(at, before, before + prefix)
    out.set(bytes.subarray(from, from + rest), at + prefix)
    from += rest
  }
  return form.width === 0 ? { kind: 'bytes', bytes: out, starts, ends, count } : plain(out, 0, count, form.width)
}

/** First the first bytes of all values, then the second ones, and so on. */
function split(bytes: Uint8Array, start: number, count: number, { width, physical }: Form): Values {
  if (width === 0 || physical === 'BOOLEAN') throw new RangeError(`split bytes of ${physical}`)
  if (start + count * width > bytes.length) throw new RangeError(`${count} values in ${bytes.length - start} bytes`)
  const out = new Uint8Array(count * width)
  for (let byte = 0; byte < width; byte++) {
    for (let index = 0; index < count; index++)
      out[index * width + byte] = bytes[start + byte * count + index] as number
  }
  return fixedValues(out, width)
}

/** Values within [from, to) of a page. */
function window(bytes: Uint8Array, from: number, to: number, starts: Uint32Array, ends: Uint32Array): ByteValues {
  for (let index = 0; index < starts.length; index++) {
    starts[index] = (starts[index] as number) - from
    ends[index] = (ends[index] as number) - from
  }
  return { kind: 'bytes', bytes: bytes.subarray(from, to), starts, ends, count: starts.length }
}

/** By the numbers of `Encoding` in parquet.thrift. */
export const PLAIN = 0
export const PLAIN_DICTIONARY = 2
export const RLE = 3
export const BIT_PACKED = 4
const DELTA_BINARY_PACKED = 5
const DELTA_LENGTH_BYTE_ARRAY = 6
const DELTA_BYTE_ARRAY = 7
export const RLE_DICTIONARY = 8
const BYTE_STREAM_SPLIT = 9

/** No page of any writer comes near: 256 MiB. */
const MOST = 1 << 28
