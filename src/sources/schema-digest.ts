import { createHash } from 'node:crypto'

/**
 * SHA-256 of all that a zod schema says: types, checks, defaults, and the source text of functions in it. By its
 * definition, for JSON Schema knows neither refinements nor transforms, and the schema's own copy of zod need not be ours.
 */
export function schemaDigest(schema: object): string {
  return createHash('sha256')
    .update(JSON.stringify(plain(schema, [])))
    .digest('hex')
}

/** The value as JSON that differs whenever the value does. `above` holds the objects that it lies in. */
function plain(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'function') return ['function', String(value)]
  if (typeof value !== 'object' || value === null) return [typeof value, String(value)]
  // A schema that contains itself: how many levels up says enough.
  const seen = above.lastIndexOf(value)
  if (seen !== -1) return ['above', above.length - seen]
  const inside = [...above, value]
  if (value instanceof RegExp || value instanceof Date)
    return [value.constructor.name, JSON.stringify(value), `${value}`]
  if (value instanceof Map || value instanceof Set) return plain([...value], inside)
  if (Array.isArray(value)) return value.map((item) => plain(item, inside))
  return definition(value).map(([name, item]) => [name, plain(item, inside)])
}

/** Of a schema or check its definition, of anything else its properties. */
function definition(value: object): [string, unknown][] {
  const { _zod, meta } = value as SchemaPart
  const given = _zod?.def ?? value
  const said = Object.keys(given)
    .sort()
    .map((name): [string, unknown] => [name, lasting(given, name)])
  const dataType = _zod === undefined ? undefined : meta?.call(value)?.dataType
  return dataType === undefined ? said : [...said, ['dataType', dataType]]
}

interface SchemaPart {
  readonly _zod?: { readonly def: object }
  readonly meta?: () => { readonly dataType?: unknown } | undefined
}

/** zod makes some defaults anew at every look; one that then differs, such as the time, is no part of the schema. */
function lasting(owner: object, name: string): unknown {
  const read = () => (owner as Readonly<Record<string, unknown>>)[name]
  const value = read()
  if (name !== 'defaultValue') return value
  const now = value instanceof Date && Math.abs(Date.now() - value.getTime()) < 60_000
  return now || JSON.stringify(value) !== JSON.stringify(read()) ? 'made anew' : value
}
