import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import { SluiceError } from '../errors.ts'

/** How the bytes of an input are packed. */
export type Compression = 'none' | 'gzip' | 'brotli' | 'zstd'

/**
 * By the name's extension; else by what a server says of it (RFC 9110, section 8.4.1; RFC 8878 for zstd). Words that
 * mean no packing, such as a character set, say nothing.
 *
 * @throws SluiceError `source-failed` for packings that are not unpacked here, also for several in one another.
 */
export function compressionOf(name: string, contentEncoding = ''): Compression {
  const extension = /\.(gz|gzip|br|zst|zstd)$/i.exec(name)?.[1]?.toLowerCase()
  const known = BY_EXTENSION[extension ?? '']
  if (known !== undefined) return known
  const words = contentEncoding
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
  const [packing, ...more] = words.filter((word) => Object.hasOwn(BY_ENCODING, word) || OTHERS.has(word))
  if (packing === undefined) return 'none'
  const found = BY_ENCODING[packing]
  if (found !== undefined && more.length === 0) return found
  const what = `has the Content-Encoding ${contentEncoding}, which is not unpacked`
  throw new SluiceError('source-failed', `${name} ${what}. Store it as gzip, brotli, zstd or plain text.`)
}

/** The unpacked bytes. A stream that is cut off or spoilt is an error, and so is one that is not packed that way. */
export function decompress(bytes: AsyncIterable<Buffer>, compression: Compression): Readable {
  const packed = Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 18 })
  if (compression === 'none') return packed
  // Errors of both ends show at the readable one.
  return pipeline(packed, DECOMPRESSORS[compression](), () => {})
}

const DECOMPRESSORS: Readonly<Record<Exclude<Compression, 'none'>, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  brotli: () => createBrotliDecompress({ chunkSize: CHUNK }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK }),
}

const CHUNK = 1 << 18

const BY_EXTENSION: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  gzip: 'gzip',
  br: 'brotli',
  zst: 'zstd',
  zstd: 'zstd',
}

/** Packings that nobody uses for files any more, or that a file never has alone. */
const OTHERS: ReadonlySet<string> = new Set(['deflate', 'compress', 'x-compress', 'dcb', 'dcz', 'pack200-gzip', 'exi'])

const BY_ENCODING: Readonly<Record<string, Compression>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  br: 'brotli',
  zstd: 'zstd',
}
