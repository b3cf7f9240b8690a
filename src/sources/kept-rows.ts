import { closeSync, openSync, readSync } from 'node:fs'
import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourceRecord } from '../records/origins.ts'
import { LetterFile, letterPlaces } from '../validation/letter-file.ts'
import { rowJson, rowRecord } from './row-record.ts'
import type { ReadResources, Split, SplitEnd } from './source.ts'

/**
 * Keeps the rows of a source that cannot be read twice, a line of JSON each, in scratch: for the letters of rows that
 * only the judge can reject.
 */
export class KeptRows {
  readonly #file: LetterFile

  constructor(split: Split, { context, pool, io }: ReadResources) {
    this.#file = new LetterFile(pathOf(split, context), { linear: pool.linear, io })
  }

  /** Returns a promise when the caller has to wait. */
  add(row: unknown): Promise<void> | undefined {
    return this.#file.add(`${rowJson(row)}\n`, this.#file.letters)
  }

  async seal(): Promise<void> {
    await this.#file.seal({ durable: false })
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** The kept rows of the given ordinals, which ascend. */
export async function* rereadRows(
  split: Split,
  { records }: SplitEnd,
  ordinals: Iterable<number>,
  { context }: ReadResources,
): AsyncGenerator<Iterable<SourceRecord>, void, void> {
  const path = pathOf(split, context)
  const file = openSync(path, 'r')
  const lines = letterPlaces({ path: `${path}.index`, size: records * 2 })
  try {
    for (const wanted of ordinals) {
      let line = lines.next()
      while (!line.done && line.value.ordinal < wanted) line = lines.next()
      if (line.done) throw new SluiceError('internal', 'the rows that were kept are not all there')
      const { start, end } = line.value
      const bytes = Buffer.alloc(end - start - 1)
      readSync(file, bytes, 0, bytes.length, start)
      yield [rowRecord(JSON.parse(bytes.toString()), wanted, start, bytes.toString())]
    }
  } finally {
    lines.return()
    closeSync(file)
  }
}

function pathOf(split: Split, context: RunContext): string {
  return `${context.scratch}/rows-${split.index}.jsonl`
}
