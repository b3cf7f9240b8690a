import { type FileHandle, open, rename } from 'node:fs/promises'
import type { RecordBatch } from '../records/record-batch.ts'
import { LIVE } from '../records/span.ts'
import { StagedFile } from '../storage/staged-file.ts'
import type { SealedPart, WriteResources } from './sink.ts'

/**
 * Where each row of a part ends, and which record it is: what it takes to cut rows out of the part that only the judge
 * could reject. Eight bytes a row, in a file beside; the format of the rows does not matter.
 */
export class RowIndex {
  readonly #path: string
  #file: FileHandle | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Takes the live rows of a batch, which were written at `offset`, each up to its word at `rowEnds`. */
  async add(batch: RecordBatch, offset: number, rows: number, rowEnds: number): Promise<void> {
    if (rows === 0) return
    const { words } = batch.memory.linear
    const first = batch.origins.ordinal(0)
    const frame = Buffer.alloc(FRAME + rows * 8)
    frame.writeDoubleLE(offset, 0)
    frame.writeDoubleLE(first, 8)
    frame.writeUInt32LE(rows, 16)
    const numbers = new Uint32Array(frame.buffer, frame.byteOffset + FRAME, rows * 2)
    const mask = batch.mask
    for (let row = 0, at = 0; row < batch.rows; row++) {
      if (mask[row] !== LIVE) continue
      numbers[at] = batch.origins.ordinal(row) - first
      numbers[rows + at] = words[(rowEnds >>> 2) + at] as number
      at++
    }
    this.#file ??= await open(this.#path, 'w', 0o600)
    await this.#file.writeFile(frame)
  }

  async seal(): Promise<string> {
    this.#file ??= await open(this.#path, 'w', 0o600)
    await this.close()
    return this.#path
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

interface Frame {
  readonly offset: number
  readonly rows: number
  /** Ascending, unless a `through` stream changed the order. */
  readonly ordinals: readonly number[]
  readonly ends: Uint32Array
}

const FRAME = 24

/** Writes a part anew without the given rows, and removes the old one. Reads and writes each byte once. */
export async function cutRows(
  part: SealedPart,
  drops: AsyncIterable<number>,
  { pool, digests }: WriteResources,
): Promise<SealedPart> {
  const { index, ...rest } = part
  if (index === undefined) throw new Error('the part was staged without an index')
  const source = await open(part.path, 'r')
  const target = await StagedFile.create(`${part.path}.cut`, pool.linear, digests.create())
  const wanted = new Drops(drops)
  let rows = 0
  let done = 0
  try {
    for await (const frame of frames(index)) {
      if (frame.offset > done) await copy(source, target, done, frame.offset - done)
      const length = frame.ends[frame.rows - 1] as number
      const out = await target.buffer(length)
      await source.read(pool.linear.bytes, out, length, frame.offset)
      let end = out
      for (let row = 0, from = 0; row < frame.rows; row++) {
        const to = frame.ends[row] as number
        const drop = wanted.has(frame.ordinals[row] as number)
        if (!(typeof drop === 'boolean' ? drop : await drop)) {
          if (end !== out + from) pool.linear.bytes.copyWithin(end, out + from, out + to)
          end += to - from
          rows++
        }
        from = to
      }
      await target.write(end - out)
      done = frame.offset + length
    }
    const sealed = await target.seal()
    await rename(`${part.path}.cut`, part.path)
    return { ...rest, ...sealed, rows }
  } finally {
    await source.close()
    await target.close()
  }
}

async function copy(source: FileHandle, target: StagedFile, from: number, length: number): Promise<void> {
  const out = await target.buffer(length)
  await source.read(target.linear.bytes, out, length, from)
  await target.write(length)
}

async function* frames(path: string): AsyncGenerator<Frame, void, void> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(FRAME)
    for (let at = 0; (await file.read(head, 0, FRAME, at)).bytesRead === FRAME; ) {
      const rows = head.readUInt32LE(16)
      const numbers = new Uint32Array(rows * 2)
      await file.read(new Uint8Array(numbers.buffer), 0, rows * 8, at + FRAME)
      const first = head.readDoubleLE(8)
      const ordinals = Array.from(numbers.subarray(0, rows), (delta) => first + delta)
      yield { offset: head.readDoubleLE(0), rows, ordinals, ends: numbers.subarray(rows) }
      at += FRAME + rows * 8
    }
  } finally {
    await file.close()
  }
}

/** Walks through the rows to drop beside the rows of the part; both ascend. */
class Drops {
  readonly #drops: AsyncIterator<number>
  #next: number | undefined = -1

  constructor(drops: AsyncIterable<number>) {
    this.#drops = drops[Symbol.asyncIterator]()
  }

  /** A promise only where the next row to drop must be read first. */
  has(ordinal: number): boolean | Promise<boolean> {
    if (this.#next === undefined || this.#next > ordinal) return false
    return this.#next === ordinal || this.#advance(ordinal)
  }

  async #advance(ordinal: number): Promise<boolean> {
    while (this.#next !== undefined && this.#next < ordinal) {
      const { done, value } = await this.#drops.next()
      this.#next = done ? undefined : value
    }
    return this.#next === ordinal
  }
}
