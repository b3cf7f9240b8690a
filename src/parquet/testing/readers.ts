import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { parquetReadObjects } from 'hyparquet'

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

/** A database that reads files of ours; `sql` finds the file under `t`. */
export class Duck implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'sluice-duck-'))
  readonly #instance: Promise<DuckDBInstance> = DuckDBInstance.create(':memory:')
  #files = 0

  async query(bytes: Buffer, select: string): Promise<readonly (readonly DuckDBValue[])[]> {
    const path = join(this.#directory, `${this.#files++}.parquet`)
    writeFileSync(path, bytes)
    return await this.queryFile(path, select)
  }

  async queryFile(path: string, select: string): Promise<readonly (readonly DuckDBValue[])[]> {
    const connection = await (await this.#instance).connect()
    try {
      const reader = await connection.runAndReadAll(select.replaceAll('FILE', `'${path}'`))
      return reader.getRows()
    } finally {
      connection.closeSync()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    ;(await this.#instance).closeSync()
    rmSync(this.#directory, { recursive: true })
  }
}
