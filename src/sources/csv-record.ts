import { ESCAPED, QUOTED } from '../records/span.ts'
import type { CsvBytes, ParsedRecord } from './csv-bytes.ts'
import { parseOtherRecord } from './csv-other-record.ts'

/**
 * Reads one record of an RFC 4180 text, byte by byte: what the scan kernel does many records at a time, but with an
 * exact account of what is wrong. A quote where the grammar allows none is an error of the record.
 */
export function parseRecord(bytes: Uint8Array, from: number, end: number, dialect: CsvBytes): ParsedRecord {
  const { delimiter, quote, other } = dialect
  if (other !== undefined) return parseOtherRecord(bytes, from, end, dialect, other)
  const cells: number[] = []
  let at = from
  for (;;) {
    const quoted = bytes[at] === quote && at < end
    const close = quoted ? closingQuote(bytes, at + 1, end, quote) : undefined
    if (close === OPEN) return { kind: 'open', quoted: true }
    const stop = close === undefined ? plainEnd(bytes, at, end, delimiter, quote) : Math.abs(close) + 1
    if (stop < 0) return { kind: 'quote-error', column: cells.length / 2 }
    if (close === undefined) cells.push(at, stop)
    else cells.push(at + 1, ((stop - 1) | (close < 0 ? ESCAPED : 0) | QUOTED) >>> 0)
    if (stop >= end) return { kind: 'open', quoted: false }
    if (bytes[stop] === LF || bytes[stop] === CR) return { kind: 'record', cells, end: stop }
    if (bytes[stop] !== delimiter) return { kind: 'quote-error', column: cells.length / 2 - 1 }
    at = stop + 1
  }
}

/** The first line end at or after `from`, or `end`. */
export function lineEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++
  return at
}

/** The address behind the line end at `at`. */
export function afterLineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end
  return bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF ? at + 2 : at + 1
}

const LF = 10
const CR = 13
const OPEN = 0

/** The address of the closing quote, negative when the cell has doubled quotes; `OPEN` when there is none. */
function closingQuote(bytes: Uint8Array, from: number, end: number, quote: number): number {
  let doubled = false
  for (let at = from; at < end; at++) {
    if (bytes[at] !== quote) continue
    if (at + 1 >= end || bytes[at + 1] !== quote) return doubled ? -at : at
    doubled = true
    at++
  }
  return OPEN
}

/** The end of an unquoted cell, or -1 when a quote stands in it. */
function plainEnd(bytes: Uint8Array, from: number, end: number, delimiter: number, quote: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === delimiter || byte === LF || byte === CR) return at
    if (byte === quote) return -1
  }
  return end
}
