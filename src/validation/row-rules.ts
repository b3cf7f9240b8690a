import { oneOf } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import { cellText } from '../records/cell-text.ts'
import type { Cell, Column } from '../records/column.ts'
import { isRejection } from '../records/column-function.ts'
import { nullRows } from '../records/null-rows.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import type { RowError } from '../records/row-errors.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { GONE } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'
import { isTyped } from '../records/typed-column.ts'
import { checkColumns, checkRuleOptions, NAMED } from './check-rules.ts'
import { compilePattern } from './pattern.ts'
import type { RowCheck, RowRule, RuleOptions } from './rule.ts'

/** The column is there, and no cell of it is null. */
export function required<C extends string, T = Row>(column: C, options: RuleOptions<T> = {}): RowRule<C> {
  checkColumns('required', [column])
  checkRuleOptions('required', options)
  const id = `${column}.required_columns`
  const message = `"${column}" is required and empty.`
  // One object for all rows: there may be as many failures as rows.
  const failure: RowError = { code: 'missing-value', message, rule: id, column, value: null }
  return {
    level: 'row',
    id,
    type: 'required_columns',
    columns: [column],
    options: options as RuleOptions<never>,
    description: { type: 'required_columns', column },
    bind: (schema) => {
      const index = schema.indexOf.get(column) as number
      return (batch, report) => {
        for (const row of missingRows(batch, batch.columns[index] as Column)) report(row, failure)
        return batch.flowing
      }
    },
  }
}

export interface PatternOptions<T> extends RuleOptions<T> {
  /** `full`: the whole value matches. `search`: some part of it does. Default `full`. */
  readonly match?: 'full' | 'search'
}

/** Every value of the column matches; nulls are not looked at. */
export function pattern<C extends string, T = Row>(
  column: C,
  regex: RegExp,
  options: PatternOptions<T> = {},
): RowRule<C> {
  checkColumns('pattern', [column])
  checkRuleOptions('pattern', options, { match: oneOf('full', 'search') })
  if (!(regex instanceof RegExp)) {
    throw new SluiceError('job-invalid', `pattern: "${column}" needs a regular expression such as /^[A-Z]+$/.`)
  }
  const id = `${column}.string_patterns`
  const { match = 'full' } = options
  const compiled = compilePattern(regex, { match })
  const message = `"${column}" does not match ${regex}.`
  const fail = (value: Cell): RowError => ({ code: 'pattern-mismatch', message, rule: id, column, value })
  const tables = new WeakMap<object, number>()
  return {
    level: 'row',
    id,
    type: 'string_patterns',
    columns: [column],
    options: options as RuleOptions<never>,
    description: { type: 'string_patterns', column, pattern: String(regex), match },
    bind: (schema) => {
      const index = schema.indexOf.get(column) as number
      return (batch, report) => {
        const cells = batch.columns[index] as Column
        const nulls = missingRows(batch, cells).length
        const test = (row: number) => {
          const text = cellText(cells, row)
          if (text !== null && !compiled.test(text)) report(row, fail(isTyped(cells) ? text : cells.value(row)))
        }
        const { table } = compiled
        if (table !== undefined && cells instanceof SpanColumn) {
          for (const row of mismatches(batch, cells, addressOf(table, batch, tables))) test(row)
        } else {
          const mask = batch.mask
          for (let row = 0; row < batch.rows; row++) if (mask[row] !== GONE && !cells.failed?.has(row)) test(row)
        }
        return batch.flowing - nulls - (cells.failed?.size ?? 0)
      }
    },
  }
}

export interface RowRuleOptions<T> extends RuleOptions<T> {
  /** What reports call it; default the name of the function. */
  readonly name?: string
}

/**
 * A rule of one's own on whole rows. The function returns true for a row that passes; false, or a message, rejects it.
 * A throw of `reject(code, message)` sets the code; any other throw ends the run with `rule-failed`.
 */
export function rowRule<T = Row>(fn: (row: T) => boolean | string, options: RowRuleOptions<T> = {}): RowRule<never> {
  if (typeof fn !== 'function') throw new SluiceError('job-invalid', 'rowRule needs a function on rows.')
  checkRuleOptions('rowRule', options, NAMED)
  const id = options.name ?? (fn.name || 'row_rule')
  return {
    level: 'row',
    id,
    type: 'row_rule',
    columns: [],
    options: options as RuleOptions<never>,
    description: { type: 'row_rule', name: id, fn: String(fn) },
    bind: () => (batch, report) => {
      const rows = rowsOf(batch)
      const mask = batch.mask
      let evaluated = 0
      for (let row = 0; row < batch.rows; row++) {
        if (mask[row] === GONE || batch.columns.some((column) => column.failed?.has(row))) continue
        evaluated++
        const problem = judgeRow(fn as (row: Row) => boolean | string, rows(row), id)
        if (problem !== undefined) report(row, { ...problem, rule: id })
      }
      return evaluated
    },
  }
}

function judgeRow(
  fn: (row: Row) => boolean | string,
  row: Row,
  id: string,
): { code: string; message: string } | undefined {
  try {
    const result: unknown = fn(row)
    if (result === true) return undefined
    if (result === false) return { code: 'row-rule', message: `The row fails the rule ${id}.` }
    if (typeof result === 'string') return { code: 'row-rule', message: result }
    refusePromise(result)
    throw new TypeError(`it returned ${typeof result}, not true, false or a message`)
  } catch (error) {
    if (isRejection(error)) return { code: error.code, message: error.message }
    throw new SluiceError('rule-failed', `The rule ${id} threw: ${(error as Error).message}`, { cause: error })
  }
}

/** Restricts a check to the rows that its rule's `where` selects. */
export function restrict(check: RowCheck, where: ((row: Row) => boolean) | undefined, id: string): RowCheck {
  if (where === undefined) return check
  return (batch, report) => {
    const rows = rowsOf(batch)
    const selected = new Uint8Array(batch.rows)
    const mask = batch.mask
    let outside = 0
    for (let row = 0; row < batch.rows; row++) {
      if (mask[row] === GONE) continue
      if (selects(where, rows(row), id)) selected[row] = 1
      else outside++
    }
    const evaluated = check(batch, (row, error) => {
      if (selected[row] === 1) report(row, error)
    })
    return Math.max(0, evaluated - outside)
  }
}

/** What a rule's `where` says of a row. Throws `rule-failed`. */
export function selects(where: (row: Row) => boolean, row: Row, id: string): boolean {
  try {
    const selected = where(row)
    if (selected !== true) refusePromise(selected)
    return selected
  } catch (error) {
    const message = `The \`where\` of the rule ${id} threw: ${(error as Error)?.message}`
    throw new SluiceError('rule-failed', message, { cause: error })
  }
}

/** The flowing rows whose cell is null and did not fail. */
function missingRows(batch: RecordBatch, column: Column): readonly number[] {
  const { failed } = column
  const rows = nullRows(batch, column)
  return failed === undefined ? rows : rows.filter((row) => !failed.has(row))
}

function mismatches(batch: RecordBatch, column: SpanColumn, table: number): Uint32Array {
  const { address, stride } = column.spans()
  const out = batch.memory.allocate(batch.rows * 4 + 4)
  batch.memory.kernels.findMismatches(address, stride, batch.rows, batch.live, table, out)
  return listAt(batch, out)
}

/** What a kernel listed: a count, then row indices. */
function listAt(batch: RecordBatch, address: number): Uint32Array {
  const { words } = batch.memory.linear
  const at = (address >>> 2) + 1
  return words.subarray(at, at + (words[at - 1] as number))
}

function addressOf(table: Uint8Array, batch: RecordBatch, tables: WeakMap<object, number>): number {
  const { linear } = batch.memory
  const known = tables.get(linear)
  if (known !== undefined) return known
  const address = linear.reserve(table.length)
  linear.bytes.set(table, address)
  tables.set(linear, address)
  return address
}
