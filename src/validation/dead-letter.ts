import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import { formatCell } from '../records/column.ts'
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

/** Makes the letters of one input. Close it: there may be thousands of inputs. */
export class Letters {
  /** What stands between the numbers of a letter: row, row, line, byte offset, byte length. */
  readonly #pieces: readonly string[]
  readonly #tail: string
  readonly #pool: BatchPool
  /** Everything of it in linear memory, where nothing is before the first letter. */
  readonly #regions: number[] = []
  /** The pieces in linear memory. */
  #start = { address: 0, bytes: 0 }
  #columns: readonly string[] | undefined
  #format = '{}'
  /** In linear memory: what stands between raw and values, and what stands before each value. */
  #middle = { address: 0, length: 0 }
  #keys = { address: 0, bytes: 0 }

  constructor(context: RunContext, source: string, pool: BatchPool) {
    const { runId, job } = context
    this.#pool = pool
    this.#pieces = [
      `{"id":${json(`${runId}:${source}:`).slice(0, -1)}`,
      `","kind":"row","run_id":${json(runId)},"job":${json(job)},"source":${json(source)},"row":`,
      ',"line":',
      ',"byte_offset":',
      ',"byte_length":',
      ',',
    ]
    // One instant for the whole run, so that the same input gives the same letters.
    this.#tail = `,"rejected_at":${json(context.processedAt.toISOString())},"replay_count":0}\n`
  }

  /** The format and the columns of the source hold for all letters that follow; set before the first one. */
  setFormat(format: Readonly<Record<string, unknown>>, columns: readonly string[]): void {
    if (columns === this.#columns) return
    this.#columns = columns
    const schema = createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16)
    this.#format = JSON.stringify({ ...format, columns, schema_hash: schema })
    this.close()
    this.#start = this.#storeList([...this.#pieces.slice(0, -1), ',"raw":"'])
    this.#middle = this.#store(`","format":${this.#format},"values":{`)
    this.#keys = this.#storeList(columns.map((name, index) => `${index > 0 ? ',' : ''}${json(name)}:`))
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
    const end = `}${this.#end(errors, stage)}`
    // A byte takes at most six in JSON, and stands in raw and values; quotes and nulls come on top.
    const most =
      this.#start.bytes +
      NUMBERS +
      end.length * 3 +
      (place.end - place.start) * 12 +
      this.#middle.length +
      this.#keys.bytes +
      (this.#columns as readonly string[]).length * 4
    if (!file.hasRoom(most)) return file.makeRoom(most).then(() => this.#put(file, record, place, end))
    this.#put(file, record, place, end)
    return undefined
  }

  /** The letter out of bytes that nobody decodes. */
  #put(file: LetterFile, record: SourceRecord, { start, end, cells }: RecordPlace, tail: string): void {
    const { linear, kernels } = this.#pool
    const { bytes } = linear
    const { ordinal, line, byteOffset, byteLength } = record
    let out = kernels.writeLetterStart(this.#start.address, ordinal + 1, line, byteOffset, byteLength, file.end)
    out = kernels.writeJsonText(start, end, out)
    bytes.copyWithin(out, this.#middle.address, this.#middle.address + this.#middle.length)
    out += this.#middle.length
    out = kernels.writeJsonCells(cells, (this.#columns as readonly string[]).length, this.#keys.address, out)
    file.added(out + bytes.write(tail, out), ordinal)
  }

  #line(record: SourceRecord, errors: readonly LetterError[], stage: RejectStage): string {
    const { raw, ordinal, line, byteOffset, byteLength } = record
    const numbers = [ordinal + 1, ordinal + 1, line, byteOffset, byteLength, '']
    const start = this.#pieces.map((piece, index) => piece + numbers[index]).join('')
    const text = isUtf8(raw) ? `"raw":${json(raw.toString())}` : `"raw_base64":${json(raw.toString('base64'))}`
    const values = JSON.stringify(record.values)
    return `${start}${text},"format":${this.#format},"values":${values}${this.#end(errors, stage)}`
  }

  #end(errors: readonly LetterError[], stage: RejectStage): string {
    return `,"errors":${JSON.stringify(errors)},"stage":"${stage}"${this.#tail}`
  }

  /** Puts texts and a list of where they lie (pairs of words: address, length) into linear memory. */
  #storeList(texts: readonly string[]): { readonly address: number; readonly bytes: number } {
    const stored = texts.map((text) => this.#store(text))
    const address = this.#reserve(texts.length * 8)
    const { words } = this.#pool.linear
    stored.forEach((text, index) => {
      words.set([text.address, text.length], (address >>> 2) + index * 2)
    })
    return { address, bytes: stored.reduce((sum, { length }) => sum + length, 0) }
  }

  #store(text: string): { readonly address: number; readonly length: number } {
    const address = this.#reserve(text.length * 3)
    return { address, length: this.#pool.linear.bytes.write(text, address) }
  }

  #reserve(byteLength: number): number {
    const address = this.#pool.linear.reserve(byteLength)
    this.#regions.push(address)
    return address
  }

  close(): void {
    for (const address of this.#regions.splice(0)) this.#pool.linear.release(address)
  }
}

/** Five numbers, of up to 16 digits each. */
const NUMBERS = 80

/** The error as letters have it; what is undefined JSON leaves out. Made for every rejected row, so it is plain. */
export function letterError({ code, rule, column, value, message }: RowError): LetterError {
  const text = value === undefined || value === null ? undefined : formatCell(value)
  return { code, rule, column, value: text, message }
}

function json(text: string): string {
  return JSON.stringify(text)
}
