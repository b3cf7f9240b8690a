/** A number as it is written, exactly: `unscaled` × 10 to the power of -`scale`. */
export interface ExactNumber {
  readonly unscaled: bigint
  readonly scale: number
}

/** Reads digits with sign, point and exponent. Undefined for other text, and for exponents that no data has. */
export function exactNumber(text: string): ExactNumber | undefined {
  const match = NUMBER.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', decimals = '', exponent = '0'] = match
  if (whole === '' && decimals === '') return undefined
  const scale = decimals.length - Number(exponent)
  if (Math.abs(scale) > MOST_SCALE) return undefined
  const unscaled = BigInt(`${sign === '-' ? '-' : ''}${whole}${decimals}`)
  return scale < 0 ? { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 } : { unscaled, scale }
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareExact(a: ExactNumber, b: ExactNumber): number {
  const scale = Math.max(a.scale, b.scale)
  const difference = unscaledAt(a, scale) - unscaledAt(b, scale)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

const NUMBER = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/
/** More than the digits of the smallest double. */
const MOST_SCALE = 1100

export function addExact(a: ExactNumber, b: ExactNumber): ExactNumber {
  if (a.scale === b.scale) return { unscaled: a.unscaled + b.unscaled, scale: a.scale }
  const scale = Math.max(a.scale, b.scale)
  return { unscaled: unscaledAt(a, scale) + unscaledAt(b, scale), scale }
}

export function timesExact({ unscaled, scale }: ExactNumber, factor: number): ExactNumber {
  return { unscaled: unscaled * BigInt(factor), scale }
}

/** All its digits, without an exponent. */
export function formatExact({ unscaled, scale }: ExactNumber): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

function unscaledAt({ unscaled, scale }: ExactNumber, wanted: number): bigint {
  return unscaled * 10n ** BigInt(wanted - scale)
}
