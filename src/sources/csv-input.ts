import { createReadStream } from 'node:fs'
import { type ByteInput, openFileInput, spooling, streamInput } from '../storage/byte-input.ts'
import type { DigestId } from '../storage/byte-io.ts'
import { transcodedInput } from '../storage/transcoded-input.ts'
import type { ReadResources, Split } from './source.ts'

/** The bytes of a split in UTF-8. What cannot be read twice as it is scanned is kept in scratch when asked for. */
export async function openCsvInput(
  split: Split,
  encoding: string,
  { pool, io, context, keep }: ReadResources,
  digest: DigestId,
): Promise<ByteInput> {
  const { linear } = pool
  const { signal } = context
  const plain = encoding === 'utf-8'
  if (plain && split.path !== undefined) return openFileInput(io, split.path, digest)
  const name = split.path ?? 'stdin'
  const stream = split.path === undefined ? process.stdin : createReadStream(split.path)
  const input = plain
    ? streamInput(linear, io, stream, { name, digest, signal })
    : transcodedInput(linear, io, stream, { name, encoding, signal })
  return keep ? spooling(linear, input, spoolPath(split, context.scratch)) : input
}

/** Where the scanned bytes of a split can be read again. */
export function rereadPath(split: Split, encoding: string, scratch: string): string {
  return encoding === 'utf-8' && split.path !== undefined ? split.path : spoolPath(split, scratch)
}

function spoolPath(split: Split, scratch: string): string {
  return `${scratch}/input-${split.index}`
}
