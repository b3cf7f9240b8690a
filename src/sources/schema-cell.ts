import type { z } from 'zod'
import { castFault } from '../records/cast-fault.ts'
import { type Cell, formatCell } from '../records/column.ts'
import { type Rejection, reject } from '../records/column-function.ts'
import type { DataType } from '../records/data-type.ts'
import { isBeyondNumbers, isNoDay, readBigInt, readNumber } from '../records/read-value.ts'
import type { Field } from '../records/schema.ts'
import { BOOLEAN } from '../records/types/integers.ts'
import { TIMESTAMPTZ } from '../records/types/times.ts'
import { isBytes, valueType } from '../records/types/types.ts'
import { isAsync } from './csv-schema-checks.ts'
import { type SchemaColumn, schemaColumnOf } from './schema-column.ts'

/** What a zod type makes of one cell: text is read as what the type wants, then zod judges. */
export class SchemaCell {
  readonly column: SchemaColumn
  readonly field: Field
  readonly #type: z.ZodType
  readonly #parse: ((text: string) => unknown) | undefined

  constructor(name: string, type: z.ZodType) {
    this.column = schemaColumnOf(name, type)
    this.field = { name, type: this.column.type, nullable: this.column.yieldsNull }
    this.#type = type
    const made = this.column.type
    this.#parse = made === undefined || isBytes(made) ? undefined : valueType(made).parse
  }

  /** Of the column that a schema makes of the given one. */
  fieldOf({ type, nullable }: Field): Field {
    if (type === undefined || !this.column.keeps(type)) return this.field
    return { ...this.field, type, nullable: nullable && this.field.nullable }
  }

  /**
   * What zod makes of a cell, or the text itself where zod leaves its value as it is and the column's type reads it: a
   * `Date` has no microseconds. Throws a rejection.
   */
  read(cell: Cell): unknown {
    const given = this.#given(cell)
    const made = this.#judge(given)
    const kept = made === given && typeof cell === 'string' && this.#parse?.(cell) !== undefined
    return kept ? cell : made
  }

  /** The rejection of a value that zod lets pass, and that the column's type cannot hold exactly. */
  refusal(type: DataType, cell: Cell): Rejection {
    const { what, instead } = castFault(type, formatCell(cell))
    return this.#refuse(`the value ${what}${instead === undefined ? '' : `, where the type would be ${instead}`}`)
  }

  #given(cell: Cell): unknown {
    const { kind, absent, nullable, coerced } = this.column
    // Coercion would make 0, the beginning of 1970 or "null" of what is not there.
    if (cell === null && coerced && !absent && !nullable) throw this.#refuse('the value is missing')
    if (kind === 'number' && isBeyond(cell)) {
      throw this.#refuse('the value is beyond 2^53, where numbers leave some out: make it a z.bigint()')
    }
    if (kind === 'date' && typeof cell === 'string' && isNoDay(cell)) throw this.#refuse('there is no such day')
    if (cell === null) return absent ? undefined : null
    if (kind === 'number' && typeof cell === 'bigint') return Number(cell)
    if (kind === 'bigint' && Number.isSafeInteger(cell)) return BigInt(cell as number)
    return fromText(kind, cell)
  }

  #judge(value: unknown): unknown {
    const result = parse(this.#type, value)
    if (result.success) return result.data ?? null
    throw this.#refuse(result.error.issues.map((issue) => issue.message).join('; '))
  }

  #refuse(what: string): Rejection {
    return reject('type-error', `"${this.field.name}": ${what}.`)
  }
}

function isBeyond(cell: Cell): boolean {
  if (typeof cell === 'bigint') return !Number.isSafeInteger(Number(cell))
  return typeof cell === 'string' && isBeyondNumbers(cell)
}

function parse(type: z.ZodType, value: unknown) {
  try {
    return type.safeParse(value)
  } catch (error) {
    throw isAsync(error) ? new TypeError('the schema is asynchronous; only mapRows may be') : error
  }
}

/** Text that does not look like the type stays text, so that zod names what it found. */
function fromText(kind: string, value: Cell): unknown {
  if (typeof value !== 'string') return value
  if (kind === 'number') return readNumber(value) ?? value
  if (kind === 'bigint') return readBigInt(value) ?? value
  if (kind === 'boolean') {
    const truth = BOOLEAN.parse(value)
    return truth === undefined ? value : truth === 1
  }
  if (kind === 'date') {
    const micros = TIMESTAMPTZ.parse(value)
    return micros === undefined ? value : TIMESTAMPTZ.cell(micros)
  }
  return value
}
