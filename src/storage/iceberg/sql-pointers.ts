import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { SluiceError } from '../../errors.ts'
import { makeDirectories } from '../durable.ts'
import type { TableName } from './table-name.ts'

export interface PointerRow {
  readonly location: string
}

/** The tables of the database. Each call is one transaction, and throws when another process is in one. */
export class SqlPointers {
  readonly #database: DatabaseSync
  readonly #catalog: string
  #prepared = false

  constructor(path: string, catalog: string, create: boolean) {
    this.#catalog = catalog
    if (create) makeDirectories(dirname(path))
    this.#database = openDatabase(path)
    if (create) this.prepare()
  }

  /** The layout is made where it is missing; one that is there is taken as it is, also without the type of Java's version 1. */
  prepare(): void {
    if (this.#prepared) return
    this.#database.exec(LAYOUT)
    this.#prepared = true
  }

  find(table: TableName): PointerRow | undefined {
    if (!this.#hasLayout()) return undefined
    const row = this.#database
      .prepare(`SELECT metadata_location AS location FROM iceberg_tables WHERE ${KEY}`)
      .get(...this.#key(table)) as { readonly location: string | null } | undefined
    return typeof row?.location === 'string' ? { location: row.location } : undefined
  }

  count(): number {
    if (!this.#hasLayout()) return 0
    const text = 'SELECT count(*) AS tables FROM iceberg_tables WHERE catalog_name = ?'
    return Number(this.#database.prepare(text).get(this.#catalog)?.['tables'])
  }

  /** False when the pointer is not where it was. A new table brings its namespace with it. */
  move(table: TableName, from: string | undefined, to: string): boolean {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const moved = from === undefined ? this.#insert(table, to) : this.#update(table, from, to)
      this.#database.exec('COMMIT')
      return moved
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#database.close()
  }

  static isBusy(error: unknown): boolean {
    const { errcode = 0 } = error as { errcode?: number }
    // SQLITE_BUSY and SQLITE_LOCKED, with whatever details in the higher bits.
    return (errcode & 0xff) === 5 || (errcode & 0xff) === 6
  }

  /** Nothing was written, for nobody can write here: SQLITE_PERM, _READONLY, _CANTOPEN, _NOTADB. */
  static isRefused(error: unknown): boolean {
    const { errcode = 0 } = error as { errcode?: number }
    return [3, 8, 14, 26].includes(errcode & 0xff)
  }

  #insert(table: TableName, to: string): boolean {
    const typed = this.#hasType()
    const columns = `catalog_name, table_namespace, table_name, metadata_location${typed ? ', iceberg_type' : ''}`
    const { changes } = this.#database
      .prepare(`INSERT OR IGNORE INTO iceberg_tables (${columns}) VALUES (?, ?, ?, ?${typed ? ", 'TABLE'" : ''})`)
      .run(...this.#key(table), to)
    if (Number(changes) !== 1) return false
    this.#database
      .prepare("INSERT OR IGNORE INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true')")
      .run(this.#catalog, table.namespace.join('.'))
    return true
  }

  #update(table: TableName, from: string, to: string): boolean {
    const { changes } = this.#database
      .prepare(
        `UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? WHERE ${KEY} AND metadata_location = ?`,
      )
      .run(to, from, ...this.#key(table), from)
    return Number(changes) === 1
  }

  #key({ namespace, name }: TableName): [string, string, string] {
    return [this.#catalog, namespace.join('.'), name]
  }

  #hasLayout(): boolean {
    return this.#database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'iceberg_tables'").get() !== undefined
  }

  #hasType(): boolean {
    const columns = this.#database.prepare("SELECT name FROM pragma_table_info('iceberg_tables')").all()
    return columns.some(({ name }) => name === 'iceberg_type')
  }
}

function openDatabase(path: string): DatabaseSync {
  // Loaded here, so that only who has such a catalog pays.
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof import('node:sqlite') | undefined
  if (sqlite === undefined) {
    throw new SluiceError('environment-unavailable', 'This Node.js has no node:sqlite, which `sql` catalogs need.')
  }
  const database = new sqlite.DatabaseSync(path)
  database.exec('PRAGMA busy_timeout = 50')
  // A commit that was told of survives a power cut.
  database.exec('PRAGMA synchronous = EXTRA')
  return database
}

const KEY = 'catalog_name = ? AND table_namespace = ? AND table_name = ?'

const LAYOUT = `
  CREATE TABLE IF NOT EXISTS iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL,
    table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL,
    metadata_location VARCHAR(1000),
    previous_metadata_location VARCHAR(1000),
    iceberg_type VARCHAR(5),
    PRIMARY KEY (catalog_name, table_namespace, table_name)
  );
  CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL,
    property_value VARCHAR(1000),
    PRIMARY KEY (catalog_name, namespace, property_key)
  );
`
