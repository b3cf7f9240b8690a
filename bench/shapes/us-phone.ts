import type { RowRandom } from './row-random.ts'

/** A phone number as customers type it, and as E.164. Area and exchange start with 2 to 9, as North American ones do. */
export function usPhone(random: RowRandom): { readonly typed: string; readonly e164: string } {
  const area = String(200 + random.below(790))
  const exchange = String(200 + random.below(800))
  const line = random.digits(4)
  return { typed: random.pick(FORMATS)(area, exchange, line), e164: `+1${area}${exchange}${line}` }
}

const FORMATS: readonly ((area: string, exchange: string, line: string) => string)[] = [
  (area, exchange, line) => `(${area}) ${exchange}-${line}`,
  (area, exchange, line) => `${area}-${exchange}-${line}`,
  (area, exchange, line) => `+1 ${area} ${exchange} ${line}`,
  (area, exchange, line) => `${area}${exchange}${line}`,
  (area, exchange, line) => `${area}.${exchange}.${line}`,
  (area, exchange, line) => `1-${area}-${exchange}-${line}`,
]
