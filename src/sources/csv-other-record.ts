import { ESCAPED, QUOTED } from '../records/span.ts'
import type { CsvBytes, OtherDialect, ParsedRecord } from './csv-bytes.ts'

/** As `parseRecord`, for delimiters of several bytes and escapes that are not quotes. */
export function parseOtherRecord(
  bytes: Uint8Array,
  from: number,
  end: number,
  { quote }: CsvBytes,
  { delimiter, escape: mark }: OtherDialect,
): ParsedRecord {
  const cells: number[] = []
  let at = from
  for (;;) {
    const quoted = at < end && bytes[at] === quote
    const found = quoted ? quotedEnd(bytes, at + 1, end, quote, mark) : plainEnd(bytes, at, end, quote, delimiter)
    if (found === undefined) return { kind: 'open', quoted }
    if (found.stop < 0) return { kind: 'quote-error', column: cells.length / 2 }
    const { stop, escaped } = found
    if (quoted) cells.push(at + 1, ((stop - 1) | (escaped ? ESCAPED : 0) | QUOTED) >>> 0)
    else cells.push(at, stop)
    if (stop >= end) return { kind: 'open', quoted: false }
    if (bytes[stop] === LF || bytes[stop] === CR) return { kind: 'record', cells, end: stop }
    if (!startsWith(bytes, stop, end, delimiter)) {
      // The delimiter may go on behind the end of what is here.
      const cut = end - stop < delimiter.length && startsWith(bytes, stop, end, delimiter.subarray(0, end - stop))
      return cut ? { kind: 'open', quoted: false } : { kind: 'quote-error', column: cells.length / 2 - 1 }
    }
    at = stop + delimiter.length
  }
}

export function startsWith(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  if (end - at < wanted.length) return false
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** The value of an escaped cell. */
export function unescapeCell(text: string, { quote, other }: CsvBytes): string {
  const quoteMark = String.fromCharCode(quote)
  if (other === undefined || other.escape === quote) return text.replaceAll(quoteMark + quoteMark, quoteMark)
  const mark = String.fromCharCode(other.escape)
  let value = ''
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1]
    if (text[at] === mark && (next === quoteMark || next === mark)) at++
    value += text[at]
  }
  return value
}

const LF = 10
const CR = 13

interface CellEnd {
  /** Behind the closing quote, or at what ends a plain cell; negative for a quote where none may stand. */
  readonly stop: number
  readonly escaped: boolean
}

function quotedEnd(bytes: Uint8Array, from: number, end: number, quote: number, mark: number): CellEnd | undefined {
  let escaped = false
  for (let at = from; at < end; at++) {
    const next = at + 1 < end ? bytes[at + 1] : undefined
    if (bytes[at] === mark && (next === quote || (mark !== quote && next === mark))) {
      escaped = true
      at++
    } else if (bytes[at] === quote) {
      return { stop: at + 1, escaped }
    }
  }
  return undefined
}

function plainEnd(
  bytes: Uint8Array,
  from: number,
  end: number,
  quote: number,
  delimiter: Uint8Array,
): CellEnd | undefined {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === LF || byte === CR || startsWith(bytes, at, end, delimiter)) return { stop: at, escaped: false }
    if (byte === quote) return { stop: -1, escaped: false }
  }
  return undefined
}
