import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import { formatCell } from '../records/column.ts'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { RecordPlace, SourceRecord } from '../records/origins.ts'
import type { RowError } from '../records/row-errors.ts'
import type { LetterFile } from './letter-file.ts'

/** Where a row was rejected. */
export type RejectStage = 'read' | 'transform' | 'validate' | 'judge'

export interface LetterError {
  readonly code: string
  readonly rule?: string | undefined
  readonly column?: string | undefined
  readonly value?: string | undefined
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
  readonly #id: string
  readonly #pool: BatchPool
  #columns: readonly string[] | undefined
  #format = '{}'
  /** In linear memory: what stands between raw and values, and what stands before each value. */
  #middle = { address: 0, length: 0 }
  #keys = { address: 0, length: 0 }

  constructor(context: RunContext, source: string, pool: BatchPool) {
    this.#pool = pool
    this.#id = `${context.runId}:${source}:`
    this.#head = `,"kind":"row","run_id":${json(context.runId)},"job":${json(context.job)},"source":${json(source)},"row":`
    // One instant for the whole run, so that the same input gives the same letters.
    this.#tail = `,"rejected_at":${json(context.processedAt.toISOString())},"replay_count":0}\n`
  }

  /** The format and the columns of the source hold for all letters that follow; set before the first one. */
  setFormat(format: Readonly<Record<string, unknown>>, columns: readonly string[]): void {
    if (columns === this.#columns) return
    this.#columns = columns
    const schema = createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16)
    this.#format = JSON.stringify({ ...format, columns, schema_hash: schema })
    const { linear } = this.#pool
    this.#middle = store(linear, `","format":${this.#format},"values":{`)
    const keys = columns.map((name, index) => store(linear, `${index > 0 ? ',' : ''}${json(name)}:`))
    const address = linear.reserve(columns.length * 8)
    keys.forEach((key, index) => {
      linear.words.set([key.address, key.length], (address >>> 2) + index * 2)
    })
    this.#keys = { address, length: keys.reduce((sum, key) => sum + key.length, 0) }
  }

  /** Writes the letter of one record. Returns a promise when the caller has to wait. */
  write(
    file: LetterFile,
    record: SourceRecord,
    errors: readonly LetterError[],
    stage: RejectStage,
  ): Promise<void> | undefined {
    const { place, ordinal } = record
    if (place === undefined) return file.add(this.#line(record, errors, stage), ordinal)
    const head = `${this.#start(record)}"raw":"`
    const tail = `}${this.#end(errors, stage)}`
    // A byte takes at most six in JSON, and stands in raw and values; quotes and nulls come on top.
    const cells = (this.#columns as readonly string[]).length
    const most =
      (head.length + tail.length) * 3 +
      (place.end - place.start) * 12 +
      this.#middle.length +
      this.#keys.length +
      cells * 4
    return file.addWith(most, ordinal, (address) => this.#copy(place, head, tail, address))
  }

  /** The letter out of bytes that nobody decodes. Returns its end. */
  #copy({ start, end, cells }: RecordPlace, head: string, tail: string, address: number): number {
    const { linear, kernels } = this.#pool
    const { bytes } = linear
    let out = address + bytes.write(head, address)
    out = kernels.writeJsonText(start, end, out)
    bytes.copyWithin(out, this.#middle.address, this.#middle.address + this.#middle.length)
    out += this.#middle.length
    out = kernels.writeJsonCells(cells, (this.#columns as readonly string[]).length, this.#keys.address, out)
    return out + bytes.write(tail, out)
  }

  #line(record: SourceRecord, errors: readonly LetterError[], stage: RejectStage): string {
    const { raw } = record
    const text = isUtf8(raw) ? `"raw":${json(raw.toString())}` : `"raw_base64":${json(raw.toString('base64'))}`
    const values = JSON.stringify(record.values)
    return `${this.#start(record)}${text},"format":${this.#format},"values":${values}${this.#end(errors, stage)}`
  }

  #start({ ordinal, line, byteOffset, byteLength }: SourceRecord): string {
    const row = ordinal + 1
    return (
      `{"id":${json(this.#id + row)}${this.#head}${row},"line":${line},"byte_offset":${byteOffset}` +
      `,"byte_length":${byteLength},`
    )
  }

  #end(errors: readonly LetterError[], stage: RejectStage): string {
    return `,"errors":${JSON.stringify(errors)},"stage":"${stage}"${this.#tail}`
  }
}

function store(linear: LinearMemory, text: string): { readonly address: number; readonly length: number } {
  const address = linear.reserve(text.length * 3)
  return { address, length: linear.bytes.write(text, address) }
}

/** The error as letters have it; what is undefined JSON leaves out. Made for every rejected row, so it is plain. */
export function letterError({ code, rule, column, value, message }: RowError): LetterError {
  const text = value === undefined || value === null ? undefined : formatCell(value)
  return { code, rule, column, value: text, message }
}

function json(text: string): string {
  return JSON.stringify(text)
}
