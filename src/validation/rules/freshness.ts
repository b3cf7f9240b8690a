import { checkOptions, type OptionCheck } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { cellText } from '../../records/cell-text.ts'
import type { Column } from '../../records/column.ts'
import type { Row } from '../../records/rows.ts'
import { checkColumns, checkDatasetOptions } from '../check-rules.ts'
import { instantOf } from '../instant-text.ts'
import { observedRows } from '../observed-rows.ts'
import type { DatasetOptions, DatasetRule, RuleOptions } from '../rule.ts'

/** All of it together. */
export interface Age {
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
}

/** Milliseconds since 1970; undefined as long as no row has an instant that has come. */
type Latest = number | undefined

/**
 * The latest instant in the column is no older than that when the run begins (`_processed_at`). Values are days and
 * instants in ISO 8601, without a zone in UTC. Nulls, other text and instants that are still to come do not count: a
 * placeholder such as the year 9999 makes no data fresh.
 *
 * @throws SluiceError `job-invalid` for an age that is none.
 */
export function freshness<C extends string, T = Row>(
  column: C,
  maxAge: Age,
  options: DatasetOptions<T> = {},
): DatasetRule<C> {
  checkColumns('freshness', [column])
  checkDatasetOptions('freshness', options)
  const limit = millisecondsOf(maxAge)
  const id = `${column}.freshness`
  return {
    level: 'dataset',
    id,
    type: 'freshness',
    columns: [column],
    options: options as RuleOptions<never>,
    description: { type: 'freshness', column, maxAge },
    start: (): Latest => undefined,
    bind: (schema, { processedAt }) => {
      const index = schema.indexOf.get(column) as number
      return (batch, known: Latest) => {
        const cells = batch.columns[index] as Column
        const observed = observedRows(batch, options as RuleOptions<never>, id)
        let latest = known ?? Number.NEGATIVE_INFINITY
        for (const row of observed) {
          const instant = instantOf(cellText(cells, row) ?? '')
          if (instant <= processedAt.getTime() && instant > latest) latest = instant
        }
        return { state: latest === Number.NEGATIVE_INFINITY ? undefined : latest, evaluated: observed.length }
      }
    },
    end: (latest: Latest, { processedAt }) => {
      if (latest === undefined) return `"${column}" holds no instant that has come`
      if (processedAt.getTime() - latest <= limit) return undefined
      return `The latest "${column}" is ${new Date(latest).toISOString()}, older than ${ageText(maxAge)}`
    },
  }
}

function millisecondsOf(age: Age): number {
  checkOptions<Age>('freshness', age, { days: AMOUNT, hours: AMOUNT, minutes: AMOUNT })
  const { days = 0, hours = 0, minutes = 0 } = age
  const total = ((days * 24 + hours) * 60 + minutes) * 60_000
  if (total <= 0) throw new SluiceError('job-invalid', 'freshness: give `days`, `hours` or `minutes`.')
  return total
}

function ageText(age: Age): string {
  const parts = Object.entries(age).filter(([, amount]) => amount !== undefined && amount > 0)
  return parts.map(([unit, amount]) => `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`).join(' ')
}

const AMOUNT: OptionCheck = {
  wanted: 'a number that is not negative',
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
}
