import { checkOptions, wholeNumber } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'

/** Whole numbers from `min` to `max`. */
export interface CountRange {
  readonly min?: number
  readonly max?: number
}

/** Throws `job-invalid` for one that makes no sense. */
export function checkCountRange(rule: string, range: CountRange): void {
  checkOptions<CountRange>(rule, range, { min: wholeNumber(0), max: wholeNumber(0) })
  const { min, max } = range
  if (min === undefined && max === undefined)
    throw new SluiceError('job-invalid', `${rule}: give \`min\`, \`max\` or both.`)
  if (min !== undefined && max !== undefined && min > max) {
    throw new SluiceError('job-invalid', `${rule}: \`min\` is greater than \`max\`.`)
  }
}

export function isInRange(count: number, { min = 0, max = Number.POSITIVE_INFINITY }: CountRange): boolean {
  return count >= min && count <= max
}

/** Follows "asked for". */
export function rangeText({ min, max }: CountRange): string {
  if (min === max) return `exactly ${min}`
  return [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`]
    .filter(Boolean)
    .join(' and ')
}
