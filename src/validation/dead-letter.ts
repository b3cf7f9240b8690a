import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { RunContext } from '../context.ts'
import { formatCell } from '../records/column.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RowError } from '../records/row-errors.ts'

/** Where a row was rejected. */
export type RejectStage = 'read' | 'transform' | 'validate' | 'judge'

export interface LetterError {
  readonly code: string
  readonly rule?: string
  readonly column?: string
  readonly value?: string
  readonly message: string
  /** Of a duplicate: the source row that holds the key, and its source where that is another one. */
  readonly first_row?: number
  readonly first_source?: string
}

/** One line of a dead-letter file: all that it takes to see what is wrong, and to run the record again. */
export interface DeadLetter {
  /** `run_id:source:row`. */
  readonly id: string
  readonly kind: 'row' | 'run'
  readonly run_id: string
  readonly job: string
  readonly source: string
  /** The 1-based data record. */
  readonly row: number
  /** The 1-based physical line where it starts. */
  readonly line: number
  readonly byte_offset: number
  /** Without the line end, as `raw`. */
  readonly byte_length: number
  readonly raw?: string
  /** In place of `raw` where that is not UTF-8. */
  readonly raw_base64?: string
  readonly format: Readonly<Record<string, unknown>>
  /** The cells before any transform. */
  readonly values: Readonly<Record<string, string | null>>
  readonly errors: readonly LetterError[]
  readonly stage: RejectStage
  readonly rejected_at: string
  readonly replay_count: number
}

/** Makes the letters of one input. */
export class Letters {
  readonly #head: string
  readonly #tail: string
  readonly #run: string
  readonly #source: string
  #format = '{}'

  constructor(context: RunContext, source: string) {
    this.#run = context.runId
    this.#source = source
    this.#head = `,"kind":"row","run_id":${json(context.runId)},"job":${json(context.job)},"source":${json(source)},"row":`
    // One instant for the whole run, so that the same input gives the same letters.
    this.#tail = `,"rejected_at":${json(context.processedAt.toISOString())},"replay_count":0}\n`
  }

  /** The format holds for all letters that follow; set before the first one. */
  setFormat(format: Readonly<Record<string, unknown>>): void {
    const schema = createHash('sha256')
      .update(JSON.stringify(format['columns'] ?? null))
      .digest('hex')
      .slice(0, 16)
    this.#format = JSON.stringify({ ...format, schema_hash: schema })
  }

  /** The line for one record, with its line end. */
  line(record: SourceRecord, errors: readonly LetterError[], stage: RejectStage): string {
    const { ordinal, line, byteOffset, byteLength, raw, values } = record
    const row = ordinal + 1
    const known = record.text ?? (isUtf8(raw) ? raw.toString() : undefined)
    const text = known === undefined ? `"raw_base64":${json(raw.toString('base64'))}` : `"raw":${json(known)}`
    return (
      `{"id":${json(`${this.#run}:${this.#source}:${row}`)}${this.#head}${row},"line":${line}` +
      `,"byte_offset":${byteOffset},"byte_length":${byteLength},${text},"format":${this.#format}` +
      `,"values":${JSON.stringify(values)},"errors":${JSON.stringify(errors)},"stage":"${stage}"${this.#tail}`
    )
  }
}

/** The error as letters and reports have it. Null values are left out. */
export function letterError({ code, rule, column, value, message }: RowError): LetterError {
  return {
    code,
    ...(rule === undefined ? {} : { rule }),
    ...(column === undefined ? {} : { column }),
    ...(value === undefined || value === null ? {} : { value: formatCell(value) }),
    message,
  }
}

function json(text: string): string {
  return JSON.stringify(text)
}
