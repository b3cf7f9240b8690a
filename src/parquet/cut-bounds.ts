import type { Bounds } from './statistics.ts'

/**
 * Bounds of at most 16 bytes for text and bytes of any length: a beginning is below all that begins with it; the upper
 * bound is the next value of that length. Text is cut between code points, or a reader that decodes bounds would find
 * none. An upper bound that has no next one is kept whole.
 */
export function cutBounds(min: Buffer, max: Buffer, isText: boolean): Bounds {
  const low = min.length <= MOST ? min : beginning(min, isText)
  const high = max.length <= MOST ? max : ((isText ? nextText(max) : nextBytes(max.subarray(0, MOST))) ?? max)
  return { min: low, max: high, minIsExact: low === min, maxIsExact: high === max }
}

const MOST = 16

function beginning(bytes: Buffer, isText: boolean): Buffer {
  let end = MOST
  while (isText && end > 0 && isContinuation(bytes[end])) end--
  return bytes.subarray(0, end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function nextBytes(prefix: Buffer): Buffer | undefined {
  const last = prefix.findLastIndex((byte) => byte < 0xff)
  if (last < 0) return undefined
  const next = Buffer.from(prefix.subarray(0, last + 1))
  next[last] = (next[last] as number) + 1
  return next
}

/** Undefined when no code point can be raised within the length. Bytes that are no UTF-8 are raised as bytes. */
function nextText(bytes: Buffer): Buffer | undefined {
  const prefix = beginning(bytes, true)
  const points = Array.from(prefix.toString())
  if (!Buffer.from(points.join('')).equals(prefix)) return nextBytes(bytes.subarray(0, MOST))
  while (points.length > 0) {
    const next = nextPoint((points.pop() as string).codePointAt(0) as number)
    const raised = next === undefined ? undefined : Buffer.from(points.join('') + next)
    if (raised !== undefined && raised.length <= MOST) return raised
  }
  return undefined
}

function nextPoint(point: number): string | undefined {
  if (point === 0x10_ffff) return undefined
  return String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
}
