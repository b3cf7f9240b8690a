interface JsonSource {
  readonly source?: string
}

/** What today's engines have, and the compiler's library lacks. */
const JSON_64 = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: JsonSource) => unknown): unknown
  stringify(value: unknown, replacer: (key: string, value: unknown) => unknown, indent?: number): string
  rawJSON(text: string): unknown
}

/**
 * JSON whose integers are exact. Those that a double cannot hold become bigints, and so do the 63-bit ids and sequence
 * numbers of Iceberg however small they are: whoever compares two of them must not have to think of that.
 */
export function parseLossless(text: string): unknown {
  return JSON_64.parse(text, (key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined || !INTEGER.test(source)) return value
    return LONGS.has(key) || !Number.isSafeInteger(value) ? BigInt(source) : value
  })
}

/** The same back: bigints are written as numbers. */
export function formatLossless(value: unknown, indent?: number): string {
  return JSON_64.stringify(
    value,
    (_key, part) => (typeof part === 'bigint' ? JSON_64.rawJSON(part.toString()) : part),
    indent,
  )
}

const INTEGER = /^-?\d+$/

const LONGS: ReadonlySet<string> = new Set([
  'snapshot-id',
  'parent-snapshot-id',
  'current-snapshot-id',
  'sequence-number',
  'last-sequence-number',
])
