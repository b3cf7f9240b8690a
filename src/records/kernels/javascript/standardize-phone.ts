import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/standardize-phone.ts`. */
export function standardizePhone(linear: LinearMemory): Kernels['standardizePhone'] {
  return (spans, stride, rows, live, out, arena, slow, table) => {
    const { bytes, words } = linear
    let listed = 0
    for (let row = 0; row < rows; row++) {
      if (bytes[live + row] === GONE) continue
      const span = (spans + row * stride) >>> 2
      const flags = words[span + 1]!
      let start = words[span]!
      let end = flags & ADDRESS
      while (start < end && isBlank(bytes[start]!)) start++
      while (start < end && isBlank(bytes[end - 1]!)) end--
      const length = (flags & ESCAPED) === 0 ? plainPhone({ bytes, start, end, table, out: arena }) : 0
      if (length === 0 && start !== end) words[(slow >>> 2) + ++listed] = row
      words[(out >>> 2) + 2 * row] = arena
      words[(out >>> 2) + 2 * row + 1] = arena + length
      arena += length
    }
    words[slow >>> 2] = listed
    return arena
  }
}

/** A number without blanks around it in [start, end), the kernel's table, and where the standard form goes. */
export interface PlainPhone {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly table: number
  readonly out: number
}

const COUNTRY_CODE = 4
const NATIONAL_PREFIX = 8
const BARE = 16
const BEHIND_PREFIX = 36
const INDEX = 64
const PLANS = 3112
const PLAN = 24

const SHORTEST = 4
export const LONGEST = 40

const ZERO = 48
const PLUS = 43
const DOT = 46
const OPENING = 40

const digits = new Uint8Array(LONGEST)

/** Writes the standard form; returns its length, or 0 if the number is not plain. */
export function plainPhone({ bytes, start, end, table, out }: PlainPhone): number {
  if (end - start < SHORTEST || end - start > LONGEST) return 0
  const first = bytes[start]!
  const plus = first === PLUS
  if (!plus && first !== OPENING && !isDigit(first)) return 0
  // A number with one or two decimals is no phone number; the function says so.
  if (bytes[end - 2] === DOT || bytes[end - 3] === DOT) return 0
  const length = collect(bytes, plus ? start + 1 : start, end)
  if (length < SHORTEST) return 0
  const skip = plus ? 0 : exitCode(bytes, table)
  if (plus || skip > 0) return isInternational(bytes, table, skip, length - skip) ? write(bytes, out, skip, length) : 0
  const codeLength = bytes[table + COUNTRY_CODE]!
  if (codeLength === 0) return 0
  const from = digits[0] === bytes[table + NATIONAL_PREFIX] ? 1 : 0
  if (!isPlain(bytes, table + (from === 1 ? BEHIND_PREFIX : BARE), from, length - from)) return 0
  bytes.copyWithin(out + 1, table + COUNTRY_CODE + 1, table + COUNTRY_CODE + 1 + codeLength)
  return write(bytes, out, from, length, codeLength)
}

/** Collects the digits; returns how many, or 0 if anything but separators stands between them. */
function collect(bytes: Uint8Array, start: number, end: number): number {
  let length = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (isDigit(byte)) digits[length++] = byte
    else if (!isSeparator(byte)) return 0
  }
  return length
}

function write(bytes: Uint8Array, out: number, from: number, length: number, codeLength = 0): number {
  bytes[out] = PLUS
  for (let i = from; i < length; i++) bytes[out + 1 + codeLength + i - from] = digits[i]!
  return 1 + codeLength + length - from
}

/** The length of the prefix of international calls that the digits start with, or 0. */
function exitCode(bytes: Uint8Array, table: number): number {
  const length = bytes[table]!
  for (let i = 0; i < length; i++) if (digits[i] !== bytes[table + 1 + i]) return 0
  return length
}

function isInternational(bytes: Uint8Array, table: number, from: number, length: number): boolean {
  if (length < 5) return false
  const three = digits[from]! * 100 + digits[from + 1]! * 10 + digits[from + 2]! - 111 * ZERO
  const plan = table + PLANS + PLAN * bytes[table + INDEX + three]!
  const codeLength = bytes[plan]!
  return codeLength !== 0 && isPlain(bytes, plan + 2, from + codeLength, length - codeLength)
}

function isPlain(bytes: Uint8Array, rule: number, from: number, length: number): boolean {
  const at = rule + 2 * (digits[from]! - ZERO)
  return length < 16 && (((bytes[at]! | (bytes[at + 1]! << 8)) >> length) & 1) !== 0
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10
}

/** space ( ) - . / [ ] */
function isSeparator(byte: number): boolean {
  return byte === 32 || byte === 40 || byte === 41 || (byte >= 45 && byte <= 47) || byte === 91 || byte === 93
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9
}
