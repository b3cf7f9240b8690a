import { cellText } from '../records/cell-text.ts'
import type { Cell, Column } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import { GONE } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'
import { isTyped } from '../records/typed-column.ts'
import { missingRows } from './missing-rows.ts'
import type { RowCheck, RowRule, RuleOptions } from './rule.ts'

/** What a rule on the values of one column is made of. */
export interface CellRule<C extends string> {
  /** As `RowRule.type`; with the column it makes the rule's id. */
  readonly type: string
  readonly column: C
  readonly options: RuleOptions<never>
  /** Besides type and column: part of the job's fingerprint. */
  readonly description: Readonly<Record<string, unknown>>
  /** Of the error that a value gets; the message never names the value. */
  readonly code: string
  readonly message: string
  /** Whether a value is right, as text: see `cellText`. */
  readonly test: (text: string) => boolean
  /** An automaton (`Pattern.table`): text in ASCII that it accepts is right, and need not be made a string. */
  readonly table?: Uint8Array | undefined
}

/** A rule on the values of one column. Nulls are not looked at. */
export function cellRule<C extends string>(parts: CellRule<C>): RowRule<C> {
  const { type, column, options, description, code, message } = parts
  const id = `${column}.${type}`
  const fail = (value: Cell): RowError => ({ code, message, rule: id, column, value })
  return {
    level: 'row',
    id,
    type,
    columns: [column],
    options,
    description: { type, column, ...description },
    bind: (schema) => checkOf(parts, schema.indexOf.get(column) as number, fail),
  }
}

function checkOf({ test, table }: CellRule<string>, index: number, fail: (value: Cell) => RowError): RowCheck {
  const tables = new WeakMap<object, number>()
  return (batch, report) => {
    const cells = batch.columns[index] as Column
    const nulls = missingRows(batch, cells).length
    const judge = (row: number) => {
      const text = cellText(cells, row)
      if (text !== null && !test(text)) report(row, fail(isTyped(cells) ? text : cells.value(row)))
    }
    if (table !== undefined && cells instanceof SpanColumn) {
      for (const row of mismatches(batch, cells, addressOf(table, batch, tables))) judge(row)
    } else {
      const mask = batch.mask
      for (let row = 0; row < batch.rows; row++) if (mask[row] !== GONE && !cells.failed?.has(row)) judge(row)
    }
    return batch.flowing - nulls - (cells.failed?.size ?? 0)
  }
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
