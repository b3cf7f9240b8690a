import { SluiceError } from '../../errors.ts'
import { ALLOWANCE } from './memory-watch.ts'
import type { QueryFailure, QueryRequest } from './query-request.ts'

type Request = Pick<QueryRequest, 'query' | 'memory'>

/** What went wrong with a query, and where it stands in its text. Values of rows are in no message. */
export function queryError({ query, memory }: Request, failure: QueryFailure): SluiceError {
  const { phase, type, message, column } = failure
  const place = placeOf(query, failure.position)
  const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column} of the query)`
  const context = { phase, type, ...place }
  if (phase === 'parse' && type === 'not implemented') {
    return new SluiceError('job-invalid', `sql: the query must be one \`select\`${detail(message)}.`, { context })
  }
  if (phase === 'result') return new SluiceError('job-invalid', `sql: ${message}.`, { context })
  // What is found before any row is read can name nothing but what stands in the query, and columns.
  if (phase === 'parse' || (phase === 'bind' && OF_QUERIES.has(type))) {
    const code = column === undefined ? 'job-invalid' : 'unknown-column'
    return new SluiceError(code, `sql: ${inOneLine(message)}${where}`, {
      context: { ...context, ...(column && { column }) },
    })
  }
  if (isFull(failure)) {
    const text = 'sql: no space is left where the query spills, which is the state directory: see `--state`.'
    return new SluiceError('disk-full', text, { context })
  }
  if (type === 'Out of Memory') {
    const text = `sql: the query needs more memory than ${memory} MB, and cannot spill what it holds: set \`memory\` higher.`
    return new SluiceError('transform-failed', text, { context })
  }
  if (type === 'Overrun') {
    const text = `sql: the query needs more memory than ${memory} MB, for it holds values that cannot be spilled, such as texts of \`max\` or \`string_agg\`: its process took ${memory + ALLOWANCE} MB. Set \`memory\` higher.`
    return new SluiceError('transform-failed', text, { context })
  }
  const hint = place === undefined && type === 'Conversion' ? OVERFLOW : ''
  return new SluiceError(
    'transform-failed',
    `sql: ${REASONS[type] ?? `the query failed: ${type} error`}${where}.${hint}`,
    { context },
  )
}

/** The process of a query ended, by a signal or a code, before it answered. */
export function crashed(how: string, { memory }: Request, said: string): SluiceError {
  const cause = said.trim() === '' ? undefined : new Error(said.trim())
  const hint = how === 'SIGKILL' ? `, perhaps for the machine has too little memory for ${memory + ALLOWANCE} MB` : ''
  return new SluiceError('transform-failed', `sql: the process of the query ended by ${how}${hint}.`, { cause })
}

interface Place {
  readonly line: number
  readonly column: number
}

/** Lines and columns count from 1, columns in characters. */
function placeOf(query: string, position: number | undefined): Place | undefined {
  if (position === undefined) return undefined
  const before = Buffer.from(query).subarray(0, position).toString().split('\n')
  return { line: before.length, column: [...(before.at(-1) as string)].length + 1 }
}

function detail(message: string): string {
  return message.startsWith('there are') ? `; ${message}` : ''
}

function inOneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, ' ')
}

function isFull({ type, message }: QueryFailure): boolean {
  return /no space left|max_temp_directory_size/i.test(message) && (type === 'IO' || type === 'Out of Memory')
}

const OF_QUERIES: ReadonlySet<string> = new Set([
  ...['Parser', 'Binder', 'Catalog', 'Syntax', 'Permission', 'Not implemented', 'Parameter Not Resolved'],
])

const REASONS: Readonly<Record<string, string>> = {
  Conversion: 'a value cannot be converted',
  'Out of Range': 'a value is out of range',
  'Invalid Input': 'a function got a value that it cannot take',
  Permission: 'the query must not open files or addresses',
}

const OVERFLOW =
  ' If it is a whole number of the result that 64 bits cannot hold: cast it, as in `cast(sum(x) as decimal(38, 0))`.'
