import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'

/** How the bytes of an input are packed. */
export type Compression = 'none' | 'gzip' | 'brotli' | 'zstd'

/** By the name's extension; else by what a server says of it (RFC 9110, section 8.4.1; RFC 8878 for zstd). */
export function compressionOf(name: string, contentEncoding?: string): Compression {
  const extension = /\.(gz|gzip|br|zst|zstd)$/i.exec(name)?.[1]?.toLowerCase()
  return BY_EXTENSION[extension ?? ''] ?? BY_ENCODING[contentEncoding?.toLowerCase().trim() ?? ''] ?? 'none'
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

const BY_ENCODING: Readonly<Record<string, Compression>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  br: 'brotli',
  zstd: 'zstd',
}
