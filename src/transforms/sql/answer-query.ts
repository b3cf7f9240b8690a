import { mkdirSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TypeName } from '../../records/data-type.ts'
import type { StagedTable } from '../gather.ts'
import type { QueryAnswer, QueryFailure, QueryRequest } from './query-request.ts'
import { refuseTwins } from './refuse-twins.ts'
import { refuseParameters, resultColumns } from './result-columns.ts'

type Phase = QueryFailure['phase']

/** Runs the query of a request in this process, and writes its result. Never rejects. */
export async function answerQuery(request: QueryRequest): Promise<QueryAnswer> {
  const { query, tables, output } = request
  let phase: Phase = 'run'
  let offset = 0
  try {
    const connection = await open(request)
    for (const table of tables) {
      await refuseTwins(connection, table)
      await connection.run(viewOf(table))
    }
    const rows = await countRows(connection, tables)
    await lock(connection, request)
    phase = 'parse'
    const ordered = await isOrdered(connection, query)
    const body = await embeddable(connection, query)
    phase = 'bind'
    const prepared = await connection.prepare(query)
    refuseParameters(prepared)
    const columns = resultColumns(prepared)
    phase = 'run'
    const before = `copy (select ${columns} from (\n`
    const after = `\n) as result${ordered ? '' : ' order by all'}) to ${text(output)} ${FORMAT}`
    offset = Buffer.byteLength(before)
    await connection.run(before + body + after)
    return { rows }
  } catch (error) {
    return { failure: failureOf(error as Error, phase, query, offset) }
  }
}

/** Nothing is installed or loaded but what is built in, and what does not fit into memory goes to the run's own scratch. */
async function open({ module, memory, threads, spill }: QueryRequest): Promise<DuckDBConnection> {
  const { DuckDBInstance } = (await import(module)) as typeof import('@duckdb/node-api')
  mkdirSync(spill, { recursive: true, mode: 0o700 })
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memory}MB`,
    threads: String(threads),
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    errors_as_json: 'true',
  })
  return await instance.connect()
}

/** The names of files are no part of the query, and a table has the types that all its files agree in. */
function viewOf({ name, files, types }: StagedTable): string {
  const casts = Object.entries(types).map(
    ([column, type]) => `cast(${named(column)} as ${duckType(type)}) as ${named(column)}`,
  )
  const columns = casts.length === 0 ? '*' : `* replace (${casts.join(', ')})`
  return `create view ${named(name)} as select ${columns} from read_parquet([${files.map(text).join(', ')}])`
}

async function countRows(connection: DuckDBConnection, tables: readonly StagedTable[]): Promise<number> {
  let rows = 0
  for (const { name } of tables) {
    const [[count]] = (await connection.runAndReadAll(`select count(*) from ${named(name)}`)).getRows() as [[bigint]]
    rows += Number(count)
  }
  return rows
}

/** From here on no file can be opened but those of the request, and nobody can change that. */
async function lock(connection: DuckDBConnection, { tables, output }: QueryRequest): Promise<void> {
  const paths = [...tables.flatMap(({ files }) => files), output]
  await connection.run(`set allowed_paths = [${paths.map(text).join(', ')}]`)
  await connection.run('set enable_external_access = false')
  await connection.run("set TimeZone = 'UTC'")
  await connection.run('set lock_configuration = true')
}

/** Whether the query orders its rows. Throws when it is no query, or more than one. */
async function isOrdered(connection: DuckDBConnection, query: string): Promise<boolean> {
  const tree = await treeOf(connection, query)
  if (tree.error) {
    const { error_type: exception_type, error_message: exception_message, position } = tree
    throw new Error(JSON.stringify({ exception_type, exception_message, position }))
  }
  if (tree.statements.length !== 1) {
    const exception_message = `there are ${tree.statements.length} statements`
    throw new Error(JSON.stringify({ exception_type: 'not implemented', exception_message }))
  }
  return tree.statements[0].node.modifiers.some(({ type }: { type: string }) => type === 'ORDER_MODIFIER')
}

/** The query as it can stand in another one: without a semicolon at its end. */
async function embeddable(connection: DuckDBConnection, query: string): Promise<string> {
  const { error } = await treeOf(connection, `from (\n${query}\n)`)
  return error ? query.replace(/;(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*$/, '') : query
}

/** How DuckDB understands a text. */
// biome-ignore lint/suspicious/noExplicitAny: it is of DuckDB's own making
async function treeOf(connection: DuckDBConnection, sql: string): Promise<any> {
  const reader = await connection.runAndReadAll(`select json_serialize_sql(${text(sql)})`)
  return JSON.parse(String(reader.getRows()[0]?.[0]))
}

function failureOf(error: Error, phase: Phase, query: string, offset: number): QueryFailure {
  const { exception_type: type = '', exception_message: message = error.message, ...rest } = detailsOf(error)
  const position = rest.position === undefined ? -1 : Number(rest.position) - offset
  return {
    phase: error.name === 'ResultError' ? 'result' : phase,
    type,
    message,
    ...(position >= 0 && position < Buffer.byteLength(query) ? { position } : {}),
    ...(rest.error_subtype === 'COLUMN_NOT_FOUND' && rest.name !== undefined ? { column: rest.name } : {}),
  }
}

/** Errors are JSON, but for those that were found before that was asked for. */
function detailsOf({
  message,
}: Error): Partial<Record<'exception_type' | 'exception_message' | 'position' | 'error_subtype' | 'name', string>> {
  try {
    return JSON.parse(message)
  } catch {
    return {}
  }
}

function duckType(type: TypeName): string {
  return DUCK_TYPES[type] ?? type
}

const DUCK_TYPES: Readonly<Partial<Record<TypeName, string>>> = {
  int32: 'integer',
  int64: 'bigint',
  float64: 'double',
  string: 'varchar',
  binary: 'blob',
}

/** DuckDB's own name for the file while it writes would be one that it may not open. */
const FORMAT = '(format parquet, compression zstd, use_tmp_file false)'

function named(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
