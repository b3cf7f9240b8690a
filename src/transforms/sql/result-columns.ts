import type { DuckDBPreparedStatement, DuckDBType } from '@duckdb/node-api'

/**
 * The columns of a result as they are written, for `select`: whole numbers that Parquet has no place for, such as those of
 * `sum`, become 64-bit ones, and fail where they do not fit. Throws `ResultError` for columns that no rows can have.
 */
export function resultColumns(query: DuckDBPreparedStatement): string {
  const known = new Set<string>()
  const columns = Array.from({ length: query.columnCount }, (_, index) => {
    const name = query.columnName(index)
    if (known.has(name.toLowerCase())) {
      throw new ResultError(
        `two columns of the result are named "${name}", and case does not count: name one with \`as\``,
      )
    }
    known.add(name.toLowerCase())
    return columnOf(name, query.columnType(index))
  })
  return columns.join(', ')
}

/** Nobody gives them a value. Throws `ResultError`. */
export function refuseParameters({ parameterCount }: DuckDBPreparedStatement): void {
  if (parameterCount > 0) {
    throw new ResultError('the query has parameters, such as `?` or `$1`: write the values themselves')
  }
}

/** What is wrong with the result of a query, whatever its rows. */
export class ResultError extends Error {
  override readonly name: string = 'ResultError'
}

function columnOf(name: string, type: DuckDBType): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  const typeName = String(type)
  // `DECIMAL(38,2)`, and the values of an enumeration.
  const kind = typeName.replace(/\(.*$/s, '')
  const cast = type.alias === 'JSON' ? 'varchar' : CASTS[kind]
  if (cast !== undefined) return `cast(${quoted} as ${cast}) as ${quoted}`
  if (KEPT.has(kind)) return quoted
  throw new ResultError(
    `the column "${name}" is ${typeName}, which no column of rows can be: take it apart, or make text of it with \`to_json\``,
  )
}

const KEPT: ReadonlySet<string> = new Set([
  ...['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'VARCHAR', 'BLOB', 'UUID'],
  ...['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
])

const CASTS: Readonly<Record<string, string>> = {
  TINYINT: 'integer',
  SMALLINT: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'bigint',
  UBIGINT: 'decimal(20, 0)',
  HUGEINT: 'bigint',
  UHUGEINT: 'bigint',
  FLOAT: 'double',
  ENUM: 'varchar',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
}
