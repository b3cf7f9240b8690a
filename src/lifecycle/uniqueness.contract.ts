import { basename } from 'node:path'
import type { JobOutcome } from './job-cases.contract.ts'

/** A generated row: its cells as values (null: empty), and whether a rule or its structure rejects it anyway. */
export interface UniqueRow {
  readonly id: string | null
  readonly a: string | null
  readonly b: string | null
  readonly bad?: 'rule' | 'structure'
}

export const COLUMNS: readonly string[] = ['id', 'a', 'b', 'note']
export const RULES = {
  requiredColumns: ['note'],
  uniqueColumns: ['id', ['a', 'b']],
} as const

/** As CSV cells; every key stands in several spellings, which mean the same. */
export function cellsOf({ id, a, b, bad }: UniqueRow, row: number): readonly string[] {
  const quoted = (text: string | null) =>
    text === null ? '' : row % 2 === 0 || /["\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  const cells = [quoted(id), quoted(a), quoted(b), bad === 'rule' ? '' : `note ${row}`]
  return bad === 'structure' ? [...cells, 'one more'] : cells
}

/** What a letter must say, or no letter at all. */
export type Verdict = readonly string[]

/** The rule of uniqueness with a plain map: the verdict on each rejected row, by `file:row`. */
export function modelVerdicts(files: readonly (readonly UniqueRow[])[]): ReadonlyMap<string, Verdict> {
  const keys: readonly [string, (row: UniqueRow) => string | null][] = [
    ['id.unique_columns', ({ id }) => id],
    ['a+b.unique_columns', ({ a, b }) => (a === null || b === null ? null : JSON.stringify([a, b]))],
  ]
  const all = files.flatMap((rows, file) => rows.map((row, index) => ({ row, file, number: index + 1 })))
  const verdicts = new Map<string, string[]>()
  const say = (file: number, number: number, text: string) => {
    const place = `${file}:${number}`
    verdicts.set(place, [...(verdicts.get(place) ?? []), text])
  }
  for (const { row, file, number } of all) {
    if (row.bad === 'rule') say(file, number, 'missing-value')
    if (row.bad === 'structure') say(file, number, 'extra-cell')
  }
  for (const [rule, keyOf] of keys) {
    const holders = new Map<string, (typeof all)[0]>()
    for (const one of all) {
      const key = keyOf(one.row)
      if (key !== null && one.row.bad === undefined && !holders.has(key)) holders.set(key, one)
    }
    for (const one of all) {
      const key = keyOf(one.row)
      const holder = key === null || one.row.bad === 'structure' ? undefined : holders.get(key)
      if (holder === undefined || holder === one) continue
      const source = holder.file === one.file ? 'here' : holder.file
      say(one.file, one.number, `${rule} first in ${source}:${holder.number}`)
    }
  }
  return verdicts
}

/** The same out of the dead letters of a run. */
export function foundVerdicts({ letters }: JobOutcome): ReadonlyMap<string, Verdict> {
  return new Map(
    letters.map(({ source, row, errors }) => {
      const says = errors.map((error) => {
        const { code, rule, first_row: first, first_source: from } = error as unknown as Record<string, string>
        if (code !== 'duplicate-key') return code as string
        return `${rule} first in ${from === undefined ? 'here' : fileOf(from)}:${first}`
      })
      return [`${fileOf(source)}:${row}`, says]
    }),
  )
}

function fileOf(source: string): number {
  return Number(/\d+/.exec(basename(source))![0])
}
