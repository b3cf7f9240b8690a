import { type FileHandle, open, rename } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { LIVE } from '../records/span.ts'
import type { NumberList } from '../storage/number-file.ts'
import { StagedFile } from '../storage/staged-file.ts'
import { writing } from '../storage/write-error.ts'
import { type Drops, openDrops } from './drops.ts'
import { FRAME, type Frame, frames } from './row-frames.ts'
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

/** Writes a part anew without the given rows, and removes the old one. Reads and writes each byte once. */
export async function cutRows(part: SealedPart, drops: NumberList, { pool, io }: WriteResources): Promise<SealedPart> {
  const { index, ordered, ...rest } = part
  if (index === undefined) throw new Error('the part was staged without an index')
  const wanted = openDrops(drops, ordered !== false)
  const source = await open(part.path, 'r')
  let target: StagedFile | undefined
  let rows = 0
  let done = 0
  try {
    target = await StagedFile.create(`${part.path}.cut`, pool.linear, io)
    for await (const { frame, address } of readAhead(frames(index), source, part, pool)) {
      if (frame.offset > done) await copy(source, part, target, done, frame.offset - done)
      const length = frame.ends[frame.rows - 1] as number
      const out = await target.buffer(length)
      const kept = keepRows(frame, wanted, pool.linear.bytes, address, out)
      rows += kept.rows
      await target.write(kept.bytes)
      done = frame.offset + length
    }
    if (done !== part.bytes) throw lost(part, done)
    const { bytes, sha256 } = await target.seal()
    await rename(`${part.path}.cut`, part.path)
    return { ...rest, bytes, sha256, rows }
  } finally {
    wanted.close()
    await source.close()
    await target?.close()
  }
}

/** Copies what stands between the rows to drop. */
function keepRows(
  { rows, firstOrdinal, ordinals, ends }: Frame,
  drop: Drops,
  bytes: Buffer,
  from: number,
  to: number,
): { readonly rows: number; readonly bytes: number } {
  let kept = rows
  let start = 0
  let out = to
  for (let row = 0; row < rows; row++) {
    if (!drop.has(firstOrdinal + (ordinals[row] as number))) continue
    const end = row === 0 ? 0 : (ends[row - 1] as number)
    bytes.copyWithin(out, from + start, from + end)
    out += end - start
    start = ends[row] as number
    kept--
  }
  const end = ends[rows - 1] as number
  bytes.copyWithin(out, from + start, from + end)
  return { rows: kept, bytes: out + end - start - to }
}

interface LoadedFrame {
  readonly frame: Frame
  readonly memory: BatchMemory
  readonly address: number
}

/** The frames with their bytes: while one is worked on, the next one is read. */
async function* readAhead(
  frames: Iterable<Frame>,
  source: FileHandle,
  part: SealedPart,
  pool: BatchPool,
): AsyncGenerator<LoadedFrame, void, void> {
  const load = async (frame: Frame): Promise<LoadedFrame> => {
    const memory = await pool.acquire()
    try {
      const length = frame.ends[frame.rows - 1] as number
      const address = memory.allocate(length)
      await readStaged(source, part, memory.linear.bytes.subarray(address, address + length), frame.offset)
      return { frame, memory, address }
    } catch (error) {
      pool.release(memory)
      throw error
    }
  }
  let next: Promise<LoadedFrame> | undefined
  try {
    for (const frame of frames) {
      const loaded = next
      next = load(frame)
      // Whoever stops early does not hear of it.
      next.catch(() => {})
      if (loaded !== undefined) yield* handOut(await loaded, pool)
    }
    const last = next
    next = undefined
    if (last !== undefined) yield* handOut(await last, pool)
  } finally {
    const unused = await next?.catch(() => undefined)
    if (unused !== undefined) pool.release(unused.memory)
  }
}

function* handOut(loaded: LoadedFrame, pool: BatchPool): Generator<LoadedFrame, void, void> {
  try {
    yield loaded
  } finally {
    pool.release(loaded.memory)
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
