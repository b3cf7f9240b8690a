/** The structural faults of a CSV record. */
export type FaultCode =
  | 'extra-cell'
  | 'missing-cell'
  | 'blank-row'
  | 'quote-error'
  | 'encoding-error'
  | 'line-too-long'
  | 'repeated-header'

/** A record of the text that is no row: where its bytes stand, and how many good rows stand before it. */
export interface CsvFault {
  readonly code: FaultCode
  readonly rowsBefore: number
  readonly start: number
  readonly end: number
  /** Cells of a ragged record, or the 0-based column of a quote error. */
  readonly detail: number
}
