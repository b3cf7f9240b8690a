import { type FileHandle, open, rename } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { LIVE } from '../records/span.ts'
import { type NumberList, readNumbers } from '../storage/number-file.ts'
import { StagedFile } from '../storage/staged-file.ts'
import { writing } from '../storage/write-error.ts'
import type { SealedPart, WriteResources } from './sink.ts'

/**
 * Where each row of a part ends, and which record it is: what it takes to cut rows out of the part that only the judge
 * could reject. Eight bytes a row, in a file beside; the format of the rows does not matter.
 */
export class RowIndex {
  readonly #path: string
  #file: FileHandle | undefined
  #ordered = true
  #last = -1

  constructor(path: string) {
    this.#path = path
  }

  /** Takes the live rows of a batch, which were written at `offset`, each up to its word at `rowEnds`. */
  async add(batch: RecordBatch, offset: number, rows: number, rowEnds: number): Promise<void> {
    if (rows === 0) return
    const { words } = batch.memory.linear
    const { consecutiveFrom } = batch.origins
    const first = consecutiveFrom ?? this.#lowest(batch)
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
    await writing(this.#path, async () => {
      this.#file ??= await open(this.#path, 'w', 0o600)
      await this.#file.writeFile(frame)
    })
  }

  /** The lowest record of the batch; notes whether records have come in order so far. */
  #lowest(batch: RecordBatch): number {
    let lowest = Number.POSITIVE_INFINITY
    for (let row = 0; row < batch.rows; row++) {
      const ordinal = batch.origins.ordinal(row)
      if (ordinal < this.#last) this.#ordered = false
      this.#last = ordinal
      lowest = Math.min(lowest, ordinal)
    }
    return lowest
  }

  async seal(): Promise<{ readonly index: string; readonly ordered: boolean }> {
    this.#file ??= await open(this.#path, 'w', 0o600)
    await this.close()
    return { index: this.#path, ordered: this.#ordered }
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
export async function cutRows(part: SealedPart, drops: NumberList, { pool, io }: WriteResources): Promise<SealedPart> {
  const { index, ordered, ...rest } = part
  if (index === undefined) throw new Error('the part was staged without an index')
  const dropped = each(drops)
  const wanted: InOrder | AnyOrder = ordered === false ? new AnyOrder(dropped) : new InOrder(dropped)
  const source = await open(part.path, 'r')
  let target: StagedFile | undefined
  let rows = 0
  let done = 0
  try {
    target = await StagedFile.create(`${part.path}.cut`, pool.linear, io)
    for await (const frame of frames(index)) {
      if (frame.offset > done) await copy(source, part, target, done, frame.offset - done)
      const length = frame.ends[frame.rows - 1] as number
      const out = await target.buffer(length)
      await readStaged(source, part, pool.linear.bytes.subarray(out, out + length), frame.offset)
      let end = out
      for (let row = 0, from = 0; row < frame.rows; row++) {
        const to = frame.ends[row] as number
        if (!wanted.has(frame.ordinals[row] as number)) {
          if (end !== out + from) pool.linear.bytes.copyWithin(end, out + from, out + to)
          end += to - from
          rows++
        }
        from = to
      }
      await target.write(end - out)
      done = frame.offset + length
    }
    if (done !== part.bytes) throw lost(part, done)
    const sealed = await target.seal()
    await rename(`${part.path}.cut`, part.path)
    return { ...rest, ...sealed, rows }
  } finally {
    dropped.return()
    await source.close()
    await target?.close()
  }
}

async function copy(
  source: FileHandle,
  part: SealedPart,
  target: StagedFile,
  from: number,
  length: number,
): Promise<void> {
  const out = await target.buffer(length)
  await readStaged(source, part, target.linear.bytes.subarray(out, out + length), from)
  await target.write(length)
}

/** What a short read left in memory would be written as rows. */
async function readStaged(source: FileHandle, part: SealedPart, bytes: Buffer, from: number): Promise<void> {
  const { bytesRead } = await source.read(bytes, 0, bytes.length, from)
  if (bytesRead !== bytes.length) throw lost(part, from + bytesRead)
}

function lost({ path, bytes }: SealedPart, found: number): SluiceError {
  return new SluiceError(
    'staged-lost',
    `${path} has ${bytes} bytes, of which ${found} were found: somebody changed it.`,
    {
      context: { path },
    },
  )
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
class InOrder {
  readonly #drops: Iterator<number>
  #next: number | undefined = -1

  constructor(drops: Iterator<number>) {
    this.#drops = drops
  }

  has(ordinal: number): boolean {
    while (this.#next !== undefined && this.#next < ordinal) {
      const { done, value } = this.#drops.next()
      this.#next = done ? undefined : value
    }
    return this.#next === ordinal
  }
}

/** For parts whose rows a `through` stream put into another order: the rows to drop are held in memory. */
class AnyOrder {
  readonly #drops: ReadonlySet<number>

  constructor(drops: Iterable<number>) {
    this.#drops = new Set(drops)
  }

  has(ordinal: number): boolean {
    return this.#drops.has(ordinal)
  }
}

function* each(numbers: NumberList): Generator<number, void, void> {
  for (const some of readNumbers(numbers)) yield* some
}
