import { SluiceError } from '../errors.ts'
import type { TargetPlan } from '../storage/target.ts'
import type { SplitTicket } from './stage.ts'

/**
 * Parts that become one file or one stream must have the same columns in the same order, or cells would stand under
 * the wrong names. Throws `missing-label`, naming both inputs.
 */
export function checkOneTable(tickets: readonly SplitTicket[], { kind }: TargetPlan): void {
  if (kind === 'local-directory') return
  const output = tickets.filter(({ feeds }) => feeds === undefined)
  checkSameColumns(output, 'Name and order them alike with `select`, or write to a directory.')
}

/** Throws `missing-label`, naming two inputs that differ, and how to put it right. */
export function checkSameColumns(tickets: readonly SplitTicket[], fix: string): void {
  const [first, ...others] = tickets
  if (first === undefined) return
  const same = ({ part }: SplitTicket) =>
    part.columns.length === first.part.columns.length &&
    part.columns.every((name, at) => name === first.part.columns[at])
  const other = others.find((ticket) => !same(ticket))
  if (other === undefined) return
  const [a, b] = [first, other].map(({ split, part }) => `${split.source} has ${part.columns.join(', ')}`)
  throw new SluiceError('missing-label', `The inputs have different columns: ${a}; ${b}. ${fix}`)
}
