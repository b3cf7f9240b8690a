import { encodeValue, kindOf, type SingleValue } from './single-value.ts'

/** Characters of a string and bytes of a binary that a bound keeps, as Iceberg's default metrics do. */
export const BOUND_LENGTH = 16

/**
 * A value that is not above the least value of a column, as bytes of appendix D. `least` is never NaN.
 */
export function lowerBound(type: string, least: SingleValue): Buffer {
  switch (kindOf(type)) {
    case 'string': {
      const text = textOf(least)
      return Buffer.from(text.slice(0, endOf(text, BOUND_LENGTH)))
    }
    case 'binary':
      return Buffer.from((least as Uint8Array).subarray(0, BOUND_LENGTH))
    case 'float':
    case 'double':
      // Readers order -0 before 0, writers may not.
      return encodeValue(type, least === 0 ? -0 : least)
    default:
      return encodeValue(type, least)
  }
}

/** A value that is not below the greatest one; undefined when no short one is. */
export function upperBound(type: string, greatest: SingleValue): Buffer | undefined {
  switch (kindOf(type)) {
    case 'string':
      return upperText(textOf(greatest))
    case 'binary':
      return upperBytes(greatest as Uint8Array)
    case 'float':
    case 'double':
      return encodeValue(type, greatest === 0 ? 0 : greatest)
    default:
      return encodeValue(type, greatest)
  }
}

function upperText(text: string): Buffer | undefined {
  const end = endOf(text, BOUND_LENGTH)
  if (end === text.length) return Buffer.from(text)
  const points = Array.from(text.slice(0, end), (character) => character.codePointAt(0) as number)
  while (points.length > 0) {
    const last = points.pop() as number
    if (last < MOST_POINT) return Buffer.from(String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1))
  }
  return undefined
}

const MOST_POINT = 0x10ffff

function upperBytes(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length <= BOUND_LENGTH) return Buffer.from(bytes)
  let end = BOUND_LENGTH
  while (end > 0 && bytes[end - 1] === 0xff) end--
  if (end === 0) return undefined
  const bound = Buffer.from(bytes.subarray(0, end))
  bound[end - 1] = (bound[end - 1] as number) + 1
  return bound
}

/** Where the first `count` code points of a text end. */
function endOf(text: string, count: number): number {
  let end = 0
  for (let left = count; left > 0 && end < text.length; left--)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1
  return end
}

function textOf(value: SingleValue): string {
  const text = typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()
  // A half of a surrogate pair has no UTF-8.
  return text.isWellFormed() ? text : text.toWellFormed()
}
