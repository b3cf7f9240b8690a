import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { ParquetFile } from '../parquet-file.ts'

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-parquet-'))
  after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export async function openLocal(path: string): Promise<ParquetFile> {
  const file = await open(path)
  after(() => file.close())
  const { size } = await file.stat()
  return {
    name: path,
    bytes: size,
    slice: async (start, end) => {
      const bytes = Buffer.alloc(end - start)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return bytes.subarray(0, bytesRead)
    },
  }
}

export function inMemory(bytes: Uint8Array, name = 'memory.parquet'): ParquetFile {
  return { name, bytes: bytes.length, slice: async (start, end) => Uint8Array.from(bytes.subarray(start, end)) }
}
