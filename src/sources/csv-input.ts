import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { type ByteInput, openFileInput, spooling, streamInput } from '../storage/byte-input.ts'
import type { DigestId } from '../storage/byte-io.ts'
import { type Compression, compressionOf, decompress } from '../storage/compression.ts'
import { CountedBytes } from '../storage/counted-bytes.ts'
import type { Input } from '../storage/inputs.ts'
import { openFileRanges, openObjectRanges, type RangeReader } from '../storage/range-reader.ts'
import { openObject } from '../storage/s3/open-object.ts'
import { parseS3 } from '../storage/s3/s3-location.ts'
import { transcode } from '../storage/transcode.ts'
import type { ReadResources, Split } from './source.ts'

/** How the bytes of an input become text. */
export interface CsvPacking {
  readonly encoding: string
  /** Undefined: by the name, or by what S3 says of the object. */
  readonly compression: Compression | undefined
}

/** The text of a split in UTF-8. */
export interface CsvInput {
  readonly input: ByteInput
  /** The file in scratch with the text as it was scanned, when it was asked for and the split cannot be read twice. */
  readonly spool?: string
}

export async function openCsvInput(
  split: Split,
  packing: CsvPacking,
  resources: ReadResources,
  digest: DigestId,
): Promise<CsvInput> {
  const { path, source, etag } = split
  const { encoding, compression = compressionOf(source) } = packing
  const plain = encoding === 'utf-8' && compression === 'none'
  if (path !== undefined && plain) return { input: await openFileInput(resources.io, path, digest) }
  const opened = await openBytes(split, resources.context.signal)
  const found = packing.compression ?? compressionOf(source, opened.contentEncoding)
  if (encoding === 'utf-8' && found === 'none') {
    const input = plainInput(opened, source, resources, digest)
    return etag === undefined ? spooled(input, split, resources) : { input }
  }
  return spooled(unpackedInput(opened, source, { encoding, compression: found }, resources), split, resources)
}

/** Reads stretches of the text of a split again. */
export async function openRanges(
  split: Split,
  spool: string | undefined,
  resources: ReadResources,
): Promise<RangeReader> {
  const { linear } = resources.pool
  const path = spool ?? split.path
  if (path !== undefined) return await openFileRanges(linear, path)
  return openObjectRanges(linear, split as Input, resources.context.signal)
}

interface OpenBytes {
  readonly bytes: AsyncIterable<Buffer>
  readonly contentEncoding?: string | undefined
  /** Ends a wait for a chunk that may never come. */
  stop(): void
}

async function openBytes({ path, source, bytes = 0, etag }: Split, signal: AbortSignal): Promise<OpenBytes> {
  if (etag === undefined) {
    const stream = path === undefined ? process.stdin : createReadStream(path)
    return { bytes: stream, stop: () => void stream.destroy() }
  }
  const ending = new AbortController()
  const object = { ...parseS3(source), bytes, etag }
  const opened = await openObject(object, { signal: AbortSignal.any([signal, ending.signal]) })
  return { ...opened, stop: () => ending.abort() }
}

function plainInput(
  { bytes, stop }: OpenBytes,
  source: string,
  { pool, io, context }: ReadResources,
  digest: DigestId,
): ByteInput {
  const stream = bytes instanceof Readable ? bytes : Readable.from(bytes)
  return stopping(streamInput(pool.linear, io, stream, { name: nameOf(source), digest, signal: context.signal }), stop)
}

function unpackedInput(
  { bytes, stop }: OpenBytes,
  source: string,
  { encoding, compression }: { readonly encoding: string; readonly compression: Compression },
  { pool, io, context }: ReadResources,
): ByteInput {
  const packed = new CountedBytes(bytes)
  const unpacked = decompress(packed, compression)
  const text = encoding === 'utf-8' ? unpacked : transcode(unpacked, encoding)
  const input = streamInput(pool.linear, io, text, { name: nameOf(source), signal: context.signal })
  return {
    ...stopping(input, stop),
    get file() {
      return { bytes: packed.bytes, sha256: packed.sha256 }
    },
  }
}

function stopping(input: ByteInput, stop: () => void): ByteInput {
  const close = async () => {
    stop()
    await input.close()
  }
  return { ...input, close }
}

function spooled(input: ByteInput, { index }: Split, { pool, keep, context }: ReadResources): CsvInput {
  if (!keep) return { input }
  const spool = `${context.scratch}/input-${index}`
  return { input: spooling(pool.linear, input, spool), spool }
}

function nameOf(source: string): string {
  return source === '-' ? 'stdin' : source
}
