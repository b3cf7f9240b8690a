import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { DuckDBValue } from '@duckdb/node-api'
import { parquetReadObjects } from 'hyparquet'
import { duck } from './duck.ts'

/** The rows of a file as hyparquet sees them; its dates are `Date`, its decimals numbers. */
export async function readByHyparquet(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = new Uint8Array(bytes).buffer
  return await parquetReadObjects({
    file,
    utf8: false,
    compressors: {
      ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)),
      GZIP: (input) => new Uint8Array(gunzipSync(input)),
    },
  })
}

/** A folder for files of ours that DuckDB reads: a query names its file `FILE`. */
export class Duck implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sluice-duck-'))
  #files = 0

  async query(bytes: Buffer, select: string): Promise<readonly (readonly DuckDBValue[])[]> {
    const path = join(this.#directory, `${this.#files++}.parquet`)
    writeFileSync(path, bytes)
    return await this.queryFile(path, select)
  }

  async queryFile(path: string, select: string): Promise<readonly (readonly DuckDBValue[])[]> {
    return await duck(select.replaceAll('FILE', `'${path}'`))
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true })
  }
}
