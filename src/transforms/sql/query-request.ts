import type { StagedTable } from '../gather.ts'

/** What the process of a query is to do. Plain JSON. */
export interface QueryRequest {
  /** The address of DuckDB's module. */
  readonly module: string
  readonly query: string
  readonly tables: readonly StagedTable[]
  /** The file for the result. */
  readonly output: string
  /** A directory for what does not fit into memory. */
  readonly spill: string
  /** Megabytes that the query may hold. */
  readonly memory: number
  readonly threads: number
}

export type QueryAnswer =
  /** Rows of all tables, and of the result. */
  { readonly rows: number } | { readonly failure: QueryFailure }

export interface QueryFailure {
  /** What failed: reading the query, finding what it names, the types of its result, or its work on rows. */
  readonly phase: 'parse' | 'bind' | 'result' | 'run'
  /** As DuckDB classifies errors, such as `Binder`. */
  readonly type: string
  /** May hold values of rows in the phase `run`. */
  readonly message: string
  /** Bytes of the query before the place, if it is one of the query. */
  readonly position?: number
  /** The column, when there is none of that name. */
  readonly column?: string
}
