import type { Origins, SourceRecord } from './origins.ts'

/** The origins of rows that no longer lie in the memory of the batch that they came with. */
export class DetachedOrigins implements Origins {
  readonly source: string
  readonly columns: readonly string[]
  readonly #records: readonly SourceRecord[]

  constructor(source: string, columns: readonly string[], records: readonly SourceRecord[]) {
    this.source = source
    this.columns = columns
    this.#records = records
  }

  get consecutiveFrom(): undefined {
    return undefined
  }

  ordinal(row: number): number {
    return this.record(row).ordinal
  }

  record(row: number): SourceRecord {
    return this.#records[row] as SourceRecord
  }
}
