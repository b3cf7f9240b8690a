import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SqlCatalogConfig } from '../../config/catalog-config.ts'
import { asSluiceError, SluiceError } from '../../errors.ts'
import { isS3 } from '../s3/s3-location.ts'
import { applyUpdates, withPrevious } from './apply-updates.ts'
import type { Catalog, CatalogAnswer, CatalogState, DraftTable, LoadedTable, PreparedTable } from './catalog.ts'
import { unmetRequirement } from './check-requirements.ts'
import { metadataLocation } from './metadata-location.ts'
import { newTableUuid } from './new-table.ts'
import { type PointerRow, SqlPointers } from './sql-pointers.ts'
import type { TableChange } from './table-change.ts'
import { localAddress, readTableFile, removeTableFile, writeTableFile } from './table-files.ts'
import { formatTableMetadata, parseTableMetadata, type TableMetadata } from './table-metadata.ts'
import { formatTableName, type TableName } from './table-name.ts'

/**
 * A SQLite database that holds one pointer a table, in the layout that JdbcCatalog of Java and SqlCatalog of PyIceberg
 * share. A commit writes a new file of metadata and moves the pointer if it is where it was.
 */
export function openSqlCatalog(name: string, config: SqlCatalogConfig): Catalog {
  return new SqlCatalog(name, config)
}

/** The same catalog in whatever directory a process may work. */
export function absoluteSql({ uri, warehouse, type }: SqlCatalogConfig): SqlCatalogConfig {
  const path = pathOf(uri)
  return { type, uri: `file:${path}`, warehouse: addressOf(warehouse ?? dirname(path)) }
}

class SqlCatalog implements Catalog {
  readonly #name: string
  readonly #path: string
  readonly #warehouse: string
  #pointers: SqlPointers | undefined

  constructor(name: string, { uri, warehouse }: SqlCatalogConfig) {
    this.#name = name
    this.#path = pathOf(uri)
    this.#warehouse = addressOf(warehouse ?? dirname(this.#path))
  }

  async load(table: TableName): Promise<LoadedTable | undefined> {
    const row = await this.#row(table)
    return row === undefined ? undefined : { metadata: await this.#read(table, row.location) }
  }

  async probe(): Promise<CatalogState> {
    const count = await this.#reading(() => this.#open(false)?.count())
    const detail = count === undefined ? 'will be made' : `reachable, tables: ${count}`
    return { detail, places: [this.#path, `${this.#warehouse.replace(/^file:\/\//, '')}/`] }
  }

  locationOf({ namespace, name }: TableName): string {
    return [this.#warehouse, ...namespace, name].join('/')
  }

  async prepare(table: TableName, draft: DraftTable): Promise<PreparedTable> {
    return { ...draft, uuid: newTableUuid(), location: this.locationOf(table), created: false }
  }

  async commit(table: TableName, { requirements, updates }: TableChange): Promise<CatalogAnswer> {
    const row = await this.#row(table)
    const base = row === undefined ? undefined : await this.#read(table, row.location)
    const unmet = unmetRequirement(base, requirements)
    if (unmet !== undefined) return { outcome: 'conflict', reason: unmet }
    const applied = applyUpdates(base, updates)
    const metadata = base === undefined ? applied : withPrevious(applied, base, row?.location as string)
    const location = metadataLocation(metadata.location, row?.location)
    await writeTableFile(location, Buffer.from(formatTableMetadata(metadata)))
    return await this.#move(table, row, location)
  }

  async vend(): Promise<readonly []> {
    return []
  }

  async close(): Promise<void> {
    this.#pointers?.close()
    this.#pointers = undefined
  }

  /** The pointer moves at once or not at all; a database that is busy is no failure. */
  async #move(table: TableName, row: PointerRow | undefined, location: string): Promise<CatalogAnswer> {
    let opened = false
    try {
      const moved = await this.#patiently(() => {
        const pointers = this.#open(true)
        opened = true
        return pointers?.move(table, row?.location, location) ?? false
      })
      if (moved) return { outcome: 'committed' }
    } catch (error) {
      if (SqlPointers.isBusy(error)) {
        await removeTableFile(location)
        return { outcome: 'failed', error: this.#locked(error) }
      }
      if (!opened || SqlPointers.isRefused(error)) {
        await removeTableFile(location)
        return { outcome: 'failed', error: asSluiceError(error, 'target-not-writable', `Cannot write ${this.#path}`) }
      }
      // SQLite may have written it all and failed to say so.
      return { outcome: 'unknown', error: asSluiceError(error, 'in-doubt', `Cannot write ${this.#path}`) }
    }
    await removeTableFile(location)
    return { outcome: 'conflict', reason: 'somebody else committed at the same time' }
  }

  /** Nothing was written: SQLite said so, and the transaction was rolled back. */
  #locked(error: unknown): SluiceError {
    const fix = 'End the program that keeps it locked, and run the job again.'
    return new SluiceError('target-not-writable', `The catalog ${this.#path} is locked by another program. ${fix}`, {
      cause: error,
    })
  }

  #row(table: TableName): Promise<PointerRow | undefined> {
    return this.#reading(() => this.#open(false)?.find(table))
  }

  async #reading<R>(work: () => R): Promise<R> {
    try {
      return await this.#patiently(work)
    } catch (error) {
      throw asSluiceError(error, 'source-failed', `Cannot read the catalog ${this.#path}`)
    }
  }

  #read(table: TableName, location: string): Promise<TableMetadata> {
    const name = `${this.#name}.${formatTableName(table)}`
    return readTableFile(location).then((bytes) => parseTableMetadata(bytes, name))
  }

  /** To look at a catalog that is not there makes none. */
  #open(create: boolean): SqlPointers | undefined {
    if (this.#pointers === undefined && (create || existsSync(this.#path))) {
      this.#pointers = new SqlPointers(this.#path, this.#name, create)
    } else if (create) this.#pointers?.prepare()
    return this.#pointers
  }

  /** Waits here and not in SQLite, which would stop the whole process. */
  async #patiently<R>(work: () => R): Promise<R> {
    const end = Date.now() + Number(process.env['SLUICE_SQLITE_WAIT_MS'] ?? PATIENCE_MS)
    for (let wait = 2; ; wait = Math.min(wait * 2, 100)) {
      try {
        return work()
      } catch (error) {
        if (!SqlPointers.isBusy(error) || Date.now() > end) throw error
        await sleep(Math.random() * wait)
      }
    }
  }
}

const PATIENCE_MS = 60_000

/** `file:lake.db`, `file:///lake.db`, or SQLAlchemy's `sqlite:///lake.db`, where a fourth slash begins an absolute path. */
function pathOf(uri: string): string {
  const path = uri.startsWith('sqlite:') ? uri.replace(/^sqlite:\/\/\//, '') : uri.replace(/^file:(\/\/(?=\/))?/, '')
  if (path === '' || path.includes(':memory:') || path.includes('?')) {
    throw new SluiceError('config-invalid', `${uri} is no address of a SQLite file; write file:lake/catalog.db.`)
  }
  return resolve(path)
}

function addressOf(warehouse: string): string {
  const trimmed = warehouse.replace(/\/+$/, '')
  if (isS3(warehouse)) return trimmed
  return localAddress(resolve(trimmed.replace(/^file:(\/\/(?=\/))?/, '')))
}
