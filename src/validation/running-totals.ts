import { addExact, compareExact, type ExactNumber } from './number-text.ts'

/** What is known of some numbers in constant memory. */
export interface Totals {
  readonly count: number
  /** Exact, as are the least and the greatest. */
  readonly sum: ExactNumber
  readonly least: ExactNumber | undefined
  readonly greatest: ExactNumber | undefined
  /** In floating point, by Welford's method: the mean, and the sum of squared differences from it. */
  readonly mean: number
  readonly squares: number
}

export const NO_TOTALS: Totals = {
  count: 0,
  sum: { unscaled: 0n, scale: 0 },
  least: undefined,
  greatest: undefined,
  mean: 0,
  squares: 0,
}

export function withNumber(totals: Totals, number: ExactNumber, approximate: number): Totals {
  const { least = number, greatest = number } = totals
  const count = totals.count + 1
  const difference = approximate - totals.mean
  const mean = totals.mean + difference / count
  return {
    count,
    sum: addExact(totals.sum, number),
    least: compareExact(number, least) < 0 ? number : least,
    greatest: compareExact(number, greatest) > 0 ? number : greatest,
    mean,
    squares: totals.squares + difference * (approximate - mean),
  }
}

/** Of the whole population; NaN without numbers. */
export function standardDeviation({ count, squares }: Totals): number {
  return Math.sqrt(squares / count)
}
