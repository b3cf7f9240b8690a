import { open } from 'node:fs/promises'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { Input } from './inputs.ts'
import { readObject } from './s3/read-object.ts'
import { parseS3 } from './s3/s3-location.ts'

/** Reads stretches of an input again, into linear memory. */
export interface RangeReader {
  /** Resolves to how many bytes there were. */
  read(address: number, byteLength: number, position: number): Promise<number>
  close(): Promise<void>
}

export async function openFileRanges(linear: LinearMemory, path: string): Promise<RangeReader> {
  const file = await open(path, 'r')
  return {
    read: async (address, byteLength, position) => {
      return (await file.read(linear.bytes, address, byteLength, position)).bytesRead
    },
    close: () => file.close(),
  }
}

/** Of one version of an object: of another one `source-changed` is thrown. */
export function openObjectRanges(
  linear: LinearMemory,
  { source, bytes, etag }: Pick<Input, 'source' | 'bytes' | 'etag'>,
  signal: AbortSignal,
): RangeReader {
  const object = { ...parseS3(source), bytes, etag: etag as string }
  return {
    read: async (address, byteLength, position) => {
      const range = { start: position, end: Math.min(position + byteLength, bytes) }
      let at = address
      for await (const chunk of readObject(object, { range, signal })) at += chunk.copy(linear.bytes, at)
      return at - address
    },
    close: async () => {},
  }
}
