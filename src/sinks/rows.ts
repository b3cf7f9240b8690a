import { once } from 'node:events'
import { Writable } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { SluiceError } from '../errors.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { rowsOf } from '../records/rows.ts'
import { LIVE } from '../records/span.ts'
import { StagedFile } from '../storage/staged-file.ts'
import { streamTarget } from '../storage/stream-target.ts'
import { cutRows, RowIndex } from './row-index.ts'
import type { SealedPart, Sink, Staging } from './sink.ts'

/**
 * Hands the rows, as plain objects, to any object-mode stream. Rows are staged on disk first: the stream gets its
 * first row after the verdict. What it took cannot be taken back, so a crash in between leaves the run in doubt.
 * The stream stays open; end it when the run is over. The run ends when the stream has worked off the last row, so
 * whoever reads from a stream with two sides must do so while the run goes on.
 *
 * @throws SluiceError `job-invalid` for a stream that does not take objects.
 */
// biome-ignore lint/suspicious/noExplicitAny: rows of any shape can be written
export function writeRows(stream: Writable): Sink<any> {
  if (!stream?.writableObjectMode) {
    throw new SluiceError('job-invalid', 'writeRows needs a stream with `objectMode: true`.')
  }
  const target = streamTarget(rowReceiver(stream))
  return {
    description: { type: 'rows' },
    target,
    location: '-',
    adopt: false,
    extension: '',
    stage: async (plan, split, { pool, io, keepIndex, context }) => {
      const file = await StagedFile.create(target.partPath(plan, split), pool.linear, io)
      return new RowStaging(split, file, keepIndex ? new RowIndex(`${context.scratch}/rows-${split}`) : undefined)
    },
    cut: cutRows,
  }
}

/** A row on disk: its length in four bytes, then the row by the structured clone algorithm, which keeps its types. */
class RowStaging implements Staging {
  readonly #split: number
  readonly #file: StagedFile
  readonly #index: RowIndex | undefined
  #columns: readonly string[] = []
  #rows = 0

  constructor(split: number, file: StagedFile, index: RowIndex | undefined) {
    this.#split = split
    this.#file = file
    this.#index = index
  }

  async write(batch: RecordBatch): Promise<void> {
    this.#columns = batch.schema.columns
    const { text, ends } = encode(batch)
    const offset = this.#file.bytes
    const out = await this.#file.buffer(text.length)
    text.copy(this.#file.linear.bytes, out)
    await this.#file.write(text.length)
    this.#rows += ends.length
    if (this.#index === undefined) return
    const rowEnds = batch.memory.allocate(ends.length * 4)
    batch.memory.linear.words.set(ends, rowEnds >>> 2)
    await this.#index.add(batch, offset, ends.length, rowEnds)
  }

  async seal(): Promise<SealedPart> {
    const sealed = await this.#file.seal()
    const index = await this.#index?.seal()
    return { split: this.#split, ...sealed, rows: this.#rows, columns: this.#columns, ...index }
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#index?.close()
  }
}

function encode(batch: RecordBatch): { readonly text: Buffer; readonly ends: readonly number[] } {
  const rows = rowsOf(batch)
  const mask = batch.mask
  const pieces: Buffer[] = []
  const ends: number[] = []
  let end = 0
  for (let row = 0; row < batch.rows; row++) {
    if (mask[row] !== LIVE) continue
    const bytes = serialize(rows(row))
    const head = Buffer.alloc(LENGTH_BYTES)
    head.writeUInt32LE(bytes.length)
    pieces.push(head, bytes)
    end += LENGTH_BYTES + bytes.length
    ends.push(end)
  }
  return { text: Buffer.concat(pieces), ends }
}

const LENGTH_BYTES = 4

/** Takes the staged bytes and gives their rows to the stream, waiting where it must. */
function rowReceiver(stream: Writable): Writable {
  let rest: Buffer = Buffer.alloc(0)
  let taken = 0
  let done = 0
  let wake: (() => void) | undefined
  let failure: Error | undefined
  const onTaken = (error?: Error | null) => {
    failure ??= error ?? undefined
    done++
    if (done === taken) wake?.()
  }
  const receiver = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      take(chunk).then(() => done(), done)
    },
  })
  stream.on('error', (error) => receiver.destroy(error))
  // Its failure is told by the target, which looks when it delivers.
  receiver.on('error', () => {})
  stream.once('close', () => receiver.destroy())
  return receiver

  async function take(chunk: Buffer): Promise<void> {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= LENGTH_BYTES) {
      const length = rest.readUInt32LE(at)
      if (rest.length - at < LENGTH_BYTES + length) break
      const row: unknown = deserialize(rest.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
      at += LENGTH_BYTES + length
      taken++
      if (!stream.write(row, onTaken)) await once(stream, 'drain')
    }
    rest = rest.subarray(at)
    // The empty chunk at the end asks whether all is handed over: rows in the stream's buffer may fail still.
    if (chunk.length === 0 && done < taken) await new Promise<void>((resolve) => (wake = resolve))
    if (failure !== undefined) throw failure
  }
}
