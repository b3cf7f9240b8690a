import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { SluiceError } from '../errors.ts'
import { writeFully } from './durable.ts'
import type { StagedPart } from './target.ts'

export interface Spliced {
  readonly bytes: number
  readonly sha256: string
}

const BLOCK = 1 << 20

/** Writes the kept bytes of all parts, in order, to a new file; digests what it wrote. Memory: one block. */
export async function splice(destination: string, parts: readonly StagedPart[]): Promise<Spliced> {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  const block = Buffer.allocUnsafe(BLOCK)
  const output = openSync(destination, 'w')
  let bytes = 0
  try {
    for (const part of parts) {
      for await (const piece of keptPieces(part, block)) {
        hash.update(piece)
        writeFully(output, piece, null)
        bytes += piece.length
      }
    }
  } finally {
    closeSync(output)
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The byte ranges that a part keeps. */
export function keptRanges({ bytes, cut = [] }: Pick<StagedPart, 'bytes' | 'cut'>): [start: number, end: number][] {
  const kept: [number, number][] = []
  let from = 0
  for (const [start, end] of cut) {
    if (start < from || end < start || end > bytes) throw new RangeError(`The cut ${start}..${end} is out of order.`)
    if (start > from) kept.push([from, start])
    from = end
  }
  if (bytes > from) kept.push([from, bytes])
  return kept
}

/** Throws `staged-lost` when a part is not the file that its split sealed. */
export function checkLength(part: Pick<StagedPart, 'path' | 'bytes'>, actual: number | bigint): void {
  if (BigInt(part.bytes) === BigInt(actual)) return
  throw new SluiceError('staged-lost', `${part.path} has ${actual} bytes, not ${part.bytes}: somebody changed it.`, {
    context: { path: part.path },
  })
}

/** The bytes that a part keeps, in pieces of `block`, which is used again. */
export async function* keptPieces(part: StagedPart, block: Buffer): AsyncGenerator<Buffer> {
  const input = openSync(part.path, 'r')
  try {
    checkLength(part, fstatSync(input).size)
    for (const [start, end] of keptRanges(part)) yield* pieces(input, block, { start, end })
  } finally {
    closeSync(input)
  }
}

/** Gives way to other work after every block, so that signals and progress are heard during long copies. */
async function* pieces(input: number, block: Buffer, range: { start: number; end: number }): AsyncGenerator<Buffer> {
  for (let at = range.start; at < range.end; ) {
    const length = readSync(input, block, 0, Math.min(block.length, range.end - at), at)
    if (length === 0) throw new SluiceError('staged-lost', 'A staged file shrank while it was read.')
    yield block.subarray(0, length)
    at += length
    if (length === block.length) await new Promise(setImmediate)
  }
}
