import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { unpackHadoopLz4, unpackLz4 } from './read-lz4.ts'
import { unpackSnappy } from './read-snappy.ts'

/** Packed bytes, and how many they are without the packing. */
type Unpack = (packed: Uint8Array, bytes: number) => Uint8Array

/** Undefined for a codec that nobody can read any more (LZO), or that nobody knows. */
export function unpackerOf(codec: number): Unpack | undefined {
  return UNPACK[codec]
}

/** By the numbers of `CompressionCodec` in parquet.thrift. */
const UNPACK: readonly (Unpack | undefined)[] = [
  (packed) => packed,
  into(unpackSnappy),
  (packed, bytes) => gunzipSync(packed, { maxOutputLength: bytes || 1 }),
  undefined,
  (packed, bytes) => brotliDecompressSync(packed, { maxOutputLength: bytes || 1 }),
  into(unpackHadoopLz4),
  (packed, bytes) => zstdDecompressSync(packed, { maxOutputLength: bytes || 1 }),
  into(unpackLz4),
]

function into(unpack: (packed: Uint8Array, output: Uint8Array) => void): Unpack {
  return (packed, bytes) => {
    const output = Buffer.alloc(bytes)
    unpack(packed, output)
    return output
  }
}
