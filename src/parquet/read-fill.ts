import type { BatchMemory } from '../records/batch-memory.ts'
import type { DataType } from '../records/data-type.ts'
import { BytesColumn, FixedColumn, type TypedColumn } from '../records/typed-column.ts'
import { type BytesKind, isBytes, valueType } from '../records/types/types.ts'
import { Validity, validityBytes } from '../records/validity.ts'
import type { Slice } from './read-page.ts'
import type { ParquetField } from './read-schema.ts'
import type { BadValue, ByteValues, FixedValues } from './read-values.ts'

/** A value that our type cannot hold exactly. */
export interface ReadProblem extends BadValue {
  /** In the batch. */
  readonly row: number
  readonly column: string
}

/** Puts rows into the memory of a batch. */
export function fillColumn(
  memory: BatchMemory,
  { name, type }: ParquetField,
  slices: readonly Slice[],
  rows: number,
  tell: (problem: ReadProblem) => void,
): TypedColumn {
  const { validity, failed } = fillValidity(memory, slices, rows, (row, bad) => tell({ row, column: name, ...bad }))
  return isBytes(type as DataType)
    ? fillBytes(memory, type as { readonly kind: BytesKind }, slices, { rows, validity, failed })
    : fillFixed(memory, type as DataType, slices, { rows, validity, failed })
}

interface Filled {
  readonly rows: number
  readonly validity: Validity
  readonly failed: ReadonlySet<number> | undefined
}

function fillValidity(
  memory: BatchMemory,
  slices: readonly Slice[],
  rows: number,
  tell: (row: number, bad: BadValue) => void,
): Pick<Filled, 'validity' | 'failed'> {
  const address = memory.allocate(validityBytes(rows))
  const { bytes } = memory.linear
  bytes.fill(0xff, address, address + validityBytes(rows))
  const failed = new Set<number>()
  const clear = (row: number) => {
    const at = address + (row >>> 3)
    bytes[at] = (bytes[at] as number) & ~(1 << (row & 7))
  }
  let from = 0
  for (const slice of slices) {
    if (slice.valid !== undefined) {
      for (let row = 0; row < slice.rows; row++) if (slice.valid[row] === 0) clear(from + row)
    }
    for (const [row, bad] of badRows(slice)) {
      clear(from + row)
      failed.add(from + row)
      tell(from + row, bad)
    }
    from += slice.rows
  }
  return { validity: new Validity(memory, address), failed: failed.size === 0 ? undefined : failed }
}

function* badRows({ rows, values, valid, places, first }: Slice): Generator<readonly [number, BadValue]> {
  if (values.bad === undefined) return
  let value = 0
  for (let row = 0; row < rows; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const bad = values.bad.get(places === undefined ? first + value : (places[value] as number))
    value++
    if (bad !== undefined) yield [row, bad]
  }
}

function fillFixed(memory: BatchMemory, type: DataType, slices: readonly Slice[], filled: Filled): FixedColumn {
  const width = valueType(type).bytes
  const address = memory.allocate(filled.rows * width)
  let at = address
  for (const slice of slices) {
    copyFixed(memory, slice, width, at)
    at += slice.rows * width
  }
  return new FixedColumn(memory, { type, address, ...filled })
}

function copyFixed({ linear }: BatchMemory, slice: Slice, width: number, address: number): void {
  const { bytes } = slice.values as FixedValues
  const { rows, valid, places, first, count } = slice
  if (count === 0) return
  if (valid === undefined && places === undefined) {
    linear.bytes.set(bytes.subarray(first * width, (first + count) * width), address)
  } else if (width === 1) {
    for (let row = 0, value = 0; row < rows; row++) {
      if (valid !== undefined && valid[row] === 0) continue
      linear.bytes[address + row] = bytes[places === undefined ? first + value : (places[value] as number)] as number
      value++
    }
  } else copyWords(linear.words, bytes, slice, width / 4, address / 4)
}

function copyWords(
  target: Uint32Array,
  { buffer, byteOffset, length }: Uint8Array,
  { rows, valid, places, first }: Slice,
  words: number,
  address: number,
): void {
  const source = new Uint32Array(buffer, byteOffset, Math.floor(length / 4))
  let value = 0
  for (let row = 0; row < rows; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const from = (places === undefined ? first + value : (places[value] as number)) * words
    const to = address + row * words
    for (let word = 0; word < words; word++) target[to + word] = source[from + word] as number
    value++
  }
}

function fillBytes(
  memory: BatchMemory,
  type: { readonly kind: BytesKind },
  slices: readonly Slice[],
  filled: Filled,
): BytesColumn {
  const address = memory.allocate(filled.rows * 8)
  let at = address
  for (const slice of slices) {
    copyBytes(memory, slice, at)
    at += slice.rows * 8
  }
  return new BytesColumn(memory, { type, content: { address, stride: 8 }, ...filled })
}

function copyBytes(memory: BatchMemory, slice: Slice, spans: number): void {
  const { starts, ends } = slice.values as ByteValues
  const { rows, valid, places, first } = slice
  const moved = moveContent(memory, slice)
  const { words } = memory.linear
  let value = 0
  for (let row = 0, at = spans >>> 2; row < rows; row++, at += 2) {
    if (valid !== undefined && valid[row] === 0) {
      words[at] = words[at + 1] = moved.address
      continue
    }
    const place = places === undefined ? first + value : (places[value] as number)
    const start = moved.starts === undefined ? (starts[place] as number) + moved.shift : (moved.starts[value] as number)
    words[at] = start
    words[at + 1] = start + (ends[place] as number) - (starts[place] as number)
    value++
  }
}

interface Moved {
  readonly address: number
  /** From where a value lies in the page to where it lies now. */
  readonly shift: number
  /** In place of `shift`, when each value was moved on its own: where it lies now. */
  readonly starts: Uint32Array | undefined
}

/** Values side by side are moved in one go, and so is a dictionary that is smaller than what is taken from it. */
function moveContent(memory: BatchMemory, { values, places, first, count }: Slice): Moved {
  const { bytes, starts, ends, count: distinct } = values as ByteValues
  if (count === 0) return { address: memory.allocate(0), shift: 0, starts: undefined }
  if (places === undefined) {
    const from = starts[first] as number
    return moveRegion(memory, bytes, from, ends[first + count - 1] as number)
  }
  let size = 0
  for (const place of places) size += (ends[place] as number) - (starts[place] as number)
  const whole = (ends[distinct - 1] as number) - (starts[0] as number)
  if (whole <= size) return moveRegion(memory, bytes, starts[0] as number, ends[distinct - 1] as number)
  const address = memory.allocate(size)
  const moved = new Uint32Array(count)
  let at = address
  for (let value = 0; value < count; value++) {
    const place = places[value] as number
    moved[value] = at
    memory.linear.bytes.set(bytes.subarray(starts[place], ends[place]), at)
    at += (ends[place] as number) - (starts[place] as number)
  }
  return { address, shift: 0, starts: moved }
}

function moveRegion(memory: BatchMemory, bytes: Uint8Array, from: number, to: number): Moved {
  const address = memory.allocate(to - from)
  memory.linear.bytes.set(bytes.subarray(from, to), address)
  return { address, shift: address - from, starts: undefined }
}
