import { SluiceError } from '../errors.ts'

/** Where the bytes of a Parquet file lie. */
export interface ParquetFile {
  /** As people know it. */
  readonly name: string
  readonly bytes: number
  /** The bytes [start, end), in memory that belongs to the caller from then on. */
  slice(start: number, end: number): Promise<Uint8Array>
}

/** A file that breaks the format, or uses a part of it that is not read. */
export function unreadable({ name }: Pick<ParquetFile, 'name'>, what: string, cause?: unknown): SluiceError {
  return new SluiceError('source-failed', `Cannot read ${name}: ${what}`, { cause, context: { path: name } })
}

/** All of the bytes, or an error: a file that was cut off has fewer than it says. */
export async function readBytes(file: ParquetFile, start: number, end: number): Promise<Uint8Array> {
  const inside = start >= 0 && start <= end && end <= file.bytes
  const bytes = inside ? await file.slice(start, end) : undefined
  if (bytes?.length === end - start) return bytes
  throw unreadable(file, `it is damaged: it has no bytes ${start} to ${end}. Write it again.`)
}
