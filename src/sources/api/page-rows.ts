import { SluiceError } from '../../errors.ts'
import { type FieldPath, pathText, valueAt } from './field-path.ts'

/** Where the rows of a page are: a path in its body, or a function that picks or makes them. */
export type PickRows = FieldPath | ((body: never) => readonly unknown[] | null | undefined)

/** The rows of a page. Null means none; a path that leads nowhere is a mistake. Throws `source-failed`. */
export function rowsOfPage(body: unknown, pick: PickRows, page: number): readonly unknown[] {
  if (body === undefined) return []
  const found = typeof pick === 'function' ? call(pick, body, page) : valueAt(body, pick)
  if (found === null) return []
  if (Array.isArray(found)) return found
  const where =
    typeof pick === 'function' ? 'the function rows' : pathText(pick) === '' ? '' : `the path ${pathText(pick)}`
  throw new SluiceError(
    'source-failed',
    `Page ${page} has no array of rows${where === '' ? '' : ` by ${where}`}. ${hint(body)}`,
  )
}

function call(pick: (body: never) => unknown, body: unknown, page: number): unknown {
  try {
    return pick(body as never)
  } catch (error) {
    const text = `The function rows threw on page ${page}: ${(error as Error)?.message}`
    throw new SluiceError('source-failed', text, { cause: error })
  }
}

function hint(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'Its body is neither an array nor an object.'
  const arrays = Object.keys(body).filter((name) => Array.isArray((body as Record<string, unknown>)[name]))
  if (arrays.length === 0) return 'Say by `rows` where they are.'
  return `Perhaps ${arrays
    .slice(0, 3)
    .map((name) => `\`rows: '${name}'\``)
    .join(' or ')}.`
}
