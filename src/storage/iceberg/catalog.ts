import type { SluiceError } from '../../errors.ts'
import type { NewTable } from './new-table.ts'
import type { TableChange } from './table-change.ts'
import type { TableMetadata } from './table-metadata.ts'
import type { TableName } from './table-name.ts'
import type { VendedStorage } from './vended-storage.ts'

/** Where the one pointer of each table lies whose move makes a commit visible. */
export interface Catalog {
  /** Undefined: there is no such table. Throws `source-failed`. */
  load(table: TableName): Promise<LoadedTable | undefined>
  /** Looks, and changes nothing: for people who ask whether it can be used. Throws `source-failed` when it cannot be reached. */
  probe(): Promise<CatalogState>
  /** Where the files of a new table will lie, when that is known, and they can be written, before the catalog is asked. */
  locationOf(table: TableName): string | undefined
  /**
   * What a table will be that a commit with `assert-create` is about to make. Catalogs may choose the location and ids of
   * their own. Some cannot do this without making the table, empty, at once: then it is `created`.
   */
  prepare(table: TableName, draft: DraftTable): Promise<PreparedTable>
  /**
   * All of the updates if the requirements hold, else nothing. Idempotent by its requirements: each commit moves what it
   * requires. `key` is the same for each attempt at the same change.
   */
  commit(table: TableName, change: TableChange, key: string): Promise<CatalogAnswer>
  /**
   * What reaches the files of a table, or of a `staged` one that is not there yet; nothing where the catalog does not give
   * it. Throws `source-failed`.
   */
  vend(table: TableName, staged?: StagedTable): Promise<readonly VendedStorage[]>
  close(): Promise<void>
}

export interface CatalogState {
  /** In a few words, without a full stop. */
  readonly detail: string
  /** What to do, as a sentence, where it can be reached and does not permit what it was asked for. */
  readonly fix?: string
  /** Where it and the tables that it makes lie, as far as it says: paths, and folders with a slash at their end. */
  readonly places: readonly string[]
}

export interface LoadedTable {
  readonly metadata: TableMetadata
  readonly vended?: readonly VendedStorage[]
}

export type DraftTable = Omit<NewTable, 'uuid' | 'location'>

/** That a catalog has prepared, there. */
export type StagedTable = DraftTable & Pick<NewTable, 'location'>

export interface PreparedTable extends NewTable {
  readonly created: boolean
  readonly vended?: readonly VendedStorage[]
}

export type CatalogAnswer =
  | { readonly outcome: 'committed' }
  /** Nothing was done, and this attempt never will be: a requirement does not hold. */
  | { readonly outcome: 'conflict'; readonly reason: string }
  /** It may have been done, or will be. Only the table can tell. */
  | { readonly outcome: 'unknown'; readonly error: SluiceError }
  /** Nothing was done, and trying again is of no use. */
  | { readonly outcome: 'failed'; readonly error: SluiceError }
