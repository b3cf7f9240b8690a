import { SluiceError } from '../../errors.ts'

/** A table inside a catalog. */
export interface TableName {
  readonly namespace: readonly string[]
  readonly name: string
}

/**
 * `catalog.namespace.table`; a namespace may have several parts. A part is of letters of any script, digits, "_" and "-":
 * it becomes a folder.
 *
 * @throws SluiceError `job-invalid`
 */
export function parseTableName(text: unknown): TableName & { readonly catalog: string } {
  const parts = typeof text === 'string' ? text.split('.') : []
  const [catalog = '', ...rest] = parts
  const name = rest.pop() ?? ''
  if (rest.length > 0 && parts.every((part) => /^[\p{L}\p{M}\p{N}_-]+$/u.test(part))) {
    return { catalog, namespace: rest, name }
  }
  const fix = 'write catalog.namespace.table, such as glue_catalog.silver.customers'
  throw new SluiceError(
    'job-invalid',
    `${typeof text === 'string' ? `"${text}"` : String(text)} is no name of a table; ${fix}.`,
  )
}

export function formatTableName({ namespace, name }: TableName): string {
  return [...namespace, name].join('.')
}
