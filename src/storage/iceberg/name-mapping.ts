import { SluiceError } from '../../errors.ts'
import type { TableMetadata } from './table-metadata.ts'

/** The ids of columns by the names that they have in data files without ids, which others wrote before there was a table. */
export type NameMapping = Readonly<Record<string, number>>

/** Undefined for a table whose files all have ids. Throws `source-failed` when the property is damaged. */
export function nameMapping({ properties = {} }: TableMetadata): NameMapping | undefined {
  const text = properties[PROPERTY]
  if (text === undefined) return undefined
  try {
    const fields = JSON.parse(text) as readonly { readonly 'field-id'?: number; readonly names: readonly string[] }[]
    return Object.fromEntries(
      fields.flatMap(({ 'field-id': id, names }) => (id === undefined ? [] : names.map((name) => [name, id] as const))),
    )
  } catch (cause) {
    throw new SluiceError('source-failed', `The property ${PROPERTY} of the table is no name mapping. Set it again.`, {
      cause,
    })
  }
}

const PROPERTY = 'schema.name-mapping.default'
