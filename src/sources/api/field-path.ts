import { SluiceError } from '../../errors.ts'

/** Where in a page's body something stands: `data.items`, or `['a.b', 'c']` for names with dots; `''` is the body. */
export type FieldPath = string | readonly string[]

/** What stands at the path; undefined when there is nothing. Elements of arrays go by their number. */
export function valueAt(body: unknown, path: FieldPath): unknown {
  let value = body
  for (const name of stepsOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

export function pathText(path: FieldPath): string {
  return typeof path === 'string' ? path : JSON.stringify(path)
}

/** Throws `job-invalid`. */
export function checkPath(path: unknown, option: string): void {
  const steps = Array.isArray(path) ? path : typeof path === 'string' ? stepsOf(path) : [undefined]
  if (steps.every((step) => typeof step === 'string' && step !== '')) return
  throw new SluiceError('job-invalid', `readApi: ${option} must be a path such as 'data.items'.`, {
    context: { option },
  })
}

function stepsOf(path: FieldPath): readonly string[] {
  return typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path
}
