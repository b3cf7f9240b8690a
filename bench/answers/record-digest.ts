import { createReadStream } from 'node:fs'

/**
 * Digests the records of a CSV text as parsed values, in order, so that two outputs are equal when they hold the
 * same records, however they quote them and end their lines. It reads LF, CRLF, doubled quotes and quoted newlines.
 */
export class RecordDigest {
  records = 0
  readonly #onRecord: ((high: number, low: number) => void) | undefined
  #state = CELL_START
  #afterCarriageReturn = false
  #high = BASIS_HIGH
  #low = BASIS_LOW
  #chainHigh = 0
  #chainLow = 0

  constructor(onRecord?: (high: number, low: number) => void) {
    this.#onRecord = onRecord
  }

  push(bytes: Uint8Array): void {
    // Locals instead of fields: this loop sees every byte of outputs of a gigabyte.
    let state = this.#state
    let high = this.#high
    let low = this.#low
    let afterCarriageReturn = this.#afterCarriageReturn
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      let value = byte
      if (state === QUOTED) {
        if (byte === QUOTE) {
          state = QUOTE_IN_QUOTED
          continue
        }
      } else if (byte === COMMA) {
        state = CELL_START
        value = CELL_END
      } else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        const secondHalf = byte === LINE_FEED && afterCarriageReturn
        afterCarriageReturn = byte === CARRIAGE_RETURN
        state = CELL_START
        if (!secondHalf) this.#endRecord(high, low)
        high = BASIS_HIGH
        low = BASIS_LOW
        continue
      } else if (byte === QUOTE && state !== UNQUOTED) {
        const opens = state === CELL_START
        state = QUOTED
        if (opens) continue
      } else if (state === CELL_START) {
        state = UNQUOTED
      }
      afterCarriageReturn = false
      high = Math.imul(high ^ value, 0x01000193)
      low = Math.imul(low + value, 0x85ebca6b) ^ (low >>> 13)
    }
    this.#state = state
    this.#high = high
    this.#low = low
    this.#afterCarriageReturn = afterCarriageReturn
  }

  /** Ends a last record without a line end and returns the digest. */
  end(): string {
    if (this.#state !== CELL_START || this.#high !== BASIS_HIGH) this.#endRecord(this.#high, this.#low)
    this.#state = CELL_START
    this.#high = BASIS_HIGH
    return [this.#chainHigh, this.#chainLow].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #endRecord(high: number, low: number): void {
    this.records++
    this.#chainHigh = Math.imul(this.#chainHigh ^ high, 0x9e3779b1) ^ (this.#chainHigh >>> 15)
    this.#chainLow = Math.imul(this.#chainLow + low, 0x21f0aaad) ^ (this.#chainLow >>> 16)
    this.#onRecord?.(high, low)
  }
}

/** Digests a file; `records` counts the header too. */
export async function digestFile(
  path: string,
  onRecord?: (high: number, low: number) => void,
): Promise<{ readonly records: number; readonly digest: string }> {
  const digest = new RecordDigest(onRecord)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.push(chunk)
  const text = digest.end()
  return { records: digest.records, digest: text }
}

const CELL_START = 0
const UNQUOTED = 1
const QUOTED = 2
const QUOTE_IN_QUOTED = 3
const QUOTE = 34
const COMMA = 44
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** No byte, so that `a,b` and `"a,b"` differ. */
const CELL_END = 256
const BASIS_HIGH = 0x811c9dc5 | 0
const BASIS_LOW = 0x9e3779b9 | 0
