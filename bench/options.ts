import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Rows of the reference case. */
  readonly rows: number
  /** Runs of each program in each case. */
  readonly runs: number
  /** Names of cases, `scanner`, or `peers` for the other programs alone; undefined means everything. */
  readonly only: readonly string[] | undefined
  /** Small inputs and one run: proves the answers, says nothing about speed. */
  readonly quick: boolean
  /** Whether the results go to docs/benchmarks.md. */
  readonly write: boolean
}

export function benchOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string' },
      runs: { type: 'string' },
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean' },
    },
  })
  const { rows, runs, only, quick } = values
  const usual = rows === undefined && only === undefined && !quick
  return {
    rows: count(rows, quick ? 20_000 : 1_000_000),
    runs: count(runs, quick ? 1 : 5),
    only: only?.flatMap((names) => names.split(',')),
    quick,
    // A part or a smaller measurement must not replace the whole one unasked.
    write: values.write ?? usual,
  }
}

function count(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${text} is not a number of rows or runs`)
  return value
}
