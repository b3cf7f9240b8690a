import type { Field } from '../records/schema.ts'
import { type Form, formOf, type PhysicalType } from './read-form.ts'
import { numberIn, optional, type Struct, structIn, textIn } from './read-struct.ts'

/** A column of a file, at the top of its schema. */
export interface ParquetField extends Field {
  /** Undefined for a column that cannot be read; then `unsupported` says why. */
  readonly form: Form | undefined
  readonly unsupported: string | undefined
  /** Its place among the columns that hold values; of a nested one, the first of them. */
  readonly leaf: number
  readonly fieldId: number | undefined
  readonly physical: PhysicalType | undefined
}

/** The columns at the top, in order, out of the schema as it lies flat in the footer. */
export function readSchema(elements: readonly Struct[]): readonly ParquetField[] {
  const fields: ParquetField[] = []
  let leaf = 0
  for (let at = 1; at < elements.length; ) {
    const { end, leaves } = extent(elements, at)
    fields.push(fieldOf(elements[at] as Struct, leaf))
    leaf += leaves
    at = end
  }
  return fields
}

/** Where the element with all that belongs to it ends, and how many of these hold values. */
function extent(elements: readonly Struct[], at: number): { readonly end: number; readonly leaves: number } {
  let leaves = 0
  let end = at
  for (let open = 1; open > 0; open--, end++) {
    const element = elements[end]
    if (element === undefined) throw new RangeError('the schema ends too early')
    const children = optional(numberIn, element, 5) ?? 0
    if (children === 0) leaves++
    open += children
  }
  return { end, leaves }
}

function fieldOf(element: Struct, leaf: number): ParquetField {
  const name = textIn(element, 4)
  const repetition = optional(numberIn, element, 3)
  const nested = (optional(numberIn, element, 5) ?? 0) > 0
  const form = nested || repetition === REPEATED ? nestedKind(element, nested) : formOf(element)
  const readable = typeof form === 'string' ? undefined : form
  return {
    name,
    type: readable?.type,
    nullable: repetition !== REQUIRED,
    form: readable,
    unsupported: typeof form === 'string' ? form : undefined,
    leaf,
    fieldId: optional(numberIn, element, 9),
    physical: readable?.physical,
  }
}

function nestedKind(element: Struct, nested: boolean): string {
  const converted = optional(numberIn, element, 6)
  const logical = optional(structIn, element, 10) ?? {}
  if (converted === 3 || 'field_3' in logical || !nested) return 'a list'
  if (converted === 1 || converted === 2 || 'field_2' in logical) return 'a map'
  return 'a struct'
}

const REQUIRED = 0
const REPEATED = 2
