import type { Column } from '../../records/column.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import { LIVE } from '../../records/span.ts'
import { FixedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'
import {
  type BoundPartitionField,
  encodeTuple,
  type PartitionTuple,
  partitionOf,
} from '../../storage/iceberg/partition-spec.ts'
import type { SingleValue } from '../../storage/iceberg/single-value.ts'
import type { TableLayout } from './table-layout.ts'

export interface Partition {
  readonly number: number
  readonly values: readonly (SingleValue | null)[]
  readonly tuple: PartitionTuple
}

/**
 * Numbers the partitions of rows in the order in which they come. A transform is asked once for each value that was not
 * seen lately, so that most rows cost a look into a map.
 */
export class PartitionNumbers {
  readonly #layout: TableLayout
  readonly #fields: readonly FieldNumbers[]
  readonly #known: Partition[] = []
  /** Serves all batches. */
  #rows = new Uint32Array(0)
  /** By the numbers of the values of each field, level by level. */
  readonly #root: Level = new Map()

  constructor(layout: TableLayout) {
    this.#layout = layout
    this.#fields = layout.partition.map((field) => {
      const column = layout.columns.findIndex(({ id }) => id === field.sourceId)
      return new FieldNumbers(field, column)
    })
  }

  get(number: number): Partition {
    return this.#known[number] as Partition
  }

  /** The partition's number of each live row; what stands for the others is undefined. Until the next batch is asked for. */
  of(batch: RecordBatch): Uint32Array {
    const { mask, rows } = batch
    const readers = this.#fields.map((field) => field.reader(batch))
    if (this.#rows.length < rows) this.#rows = new Uint32Array(rows)
    const numbers = this.#rows.subarray(0, rows)
    const values = new Array<number>(readers.length).fill(-1)
    let last = -1
    for (let row = 0; row < rows; row++) {
      if (mask[row] !== LIVE) continue
      let same = last >= 0
      for (let field = 0; field < readers.length; field++) {
        const value = (readers[field] as (row: number) => number)(row)
        if (values[field] === value) continue
        values[field] = value
        same = false
      }
      if (!same) last = this.#numberOf(values)
      numbers[row] = last
    }
    return numbers
  }

  #numberOf(values: readonly number[]): number {
    let level = this.#root
    for (const value of values.slice(0, -1)) {
      const next = (level.get(value) as Level | undefined) ?? new Map()
      level.set(value, next)
      level = next
    }
    const last = values.at(-1) as number
    const known = level.get(last) as number | undefined
    if (known !== undefined) return known
    const number = this.#known.length
    const partition = this.#fields.map((field, index) => field.value(values[index] as number))
    this.#known.push({ number, values: partition, tuple: encodeTuple(this.#layout.partition, partition) })
    level.set(last, number)
    return number
  }
}

type Level = Map<number, number | Level>

type Key = number | bigint | string | null

/** The distinct values of one field of a partition spec. */
class FieldNumbers {
  readonly #field: BoundPartitionField
  readonly #column: number
  readonly #values: (SingleValue | null)[] = []
  readonly #numbers = new Map<Key, number>()
  /** By the value of the column. */
  readonly #seen = new Map<Key, number>()
  #remembers = true
  #hits = 0

  constructor(field: BoundPartitionField, column: number) {
    this.#field = field
    this.#column = column
  }

  value(number: number): SingleValue | null {
    return this.#values[number] ?? null
  }

  /** Rows of a batch that lacks the column are null. */
  reader(batch: RecordBatch): (row: number) => number {
    const column = batch.columns[this.#column]
    if (column === undefined) return () => this.#of(null)
    const value = valueReader(column, batch)
    return (row) => this.#of(value(row))
  }

  #of(source: SingleValue | null): number {
    const known = this.#remembers ? this.#seen.get(keyOf(source)) : undefined
    if (known !== undefined) {
      this.#hits++
      return known
    }
    const [value = null] = partitionOf([this.#field], () => source)
    const key = keyOf(value)
    const number = this.#numbers.get(key) ?? this.#values.length
    if (number === this.#values.length) {
      this.#numbers.set(key, number)
      this.#values.push(value)
    }
    if (this.#remembers) this.#remember(source, number)
    return number
  }

  #remember(source: SingleValue | null, number: number): void {
    if (this.#seen.size >= MOST_SEEN) {
      // To remember values of which none comes again costs more than to ask the transform.
      this.#remembers = this.#hits > MOST_SEEN
      this.#hits = 0
      this.#seen.clear()
    }
    this.#seen.set(keyOf(source), number)
  }
}

/** By which a map tells values of one type apart: it takes the zeros for the same, and bytes by their identity. */
function keyOf(value: SingleValue | null): Key {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  return Object.is(value, -0) ? '-0' : value
}

/** Values of a column as partitions take them. Text is decoded once a batch, out of one string. */
function valueReader(column: Column, { memory }: RecordBatch): (row: number) => SingleValue | null {
  if (!(column instanceof FixedColumn)) {
    const cells = column.values()
    return (row) => (cells[row] ?? null) as SingleValue | null
  }
  const { read, bytes: stride } = valueType(column.type)
  const { address, validity } = column
  const { bytes } = memory.linear
  return (row) => (validity.has(row) ? read(bytes, address + row * stride) : null)
}

const MOST_SEEN = 65_536
