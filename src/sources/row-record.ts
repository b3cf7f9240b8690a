import { formatCell } from '../records/column.ts'
import type { SourceRecord } from '../records/origins.ts'

/** A row that was an object as a record: its bytes are its JSON, its line is its number. */
export function rowRecord(row: unknown, ordinal: number, byteOffset: number, line?: string): SourceRecord {
  return {
    ordinal,
    line: ordinal + 1,
    byteOffset,
    get byteLength() {
      return this.raw.length
    },
    get raw() {
      return Buffer.from(line ?? rowJson(row))
    },
    get values() {
      const cells = Object.entries((row ?? {}) as Record<string, unknown>)
      return Object.fromEntries(cells.map(([name, value]) => [name, value == null ? null : textOf(value)]))
    },
  }
}

/** A row as one line of JSON. */
export function rowJson(row: unknown): string {
  return JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value)) ?? 'null'
}

/** Not every object is one that a cell can hold; a letter shows it all the same. */
function textOf(value: unknown): string {
  return typeof value === 'object' && !(value instanceof Date) ? rowJson(value) : formatCell(value as never)
}
