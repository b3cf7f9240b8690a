/** Values of one page or dictionary, before and after they became ours. */
export type Values = FixedValues | ByteValues

/** Values of `width` bytes, little-endian, one behind another from an address that is a multiple of 8. */
export interface FixedValues {
  readonly kind: 'fixed'
  readonly bytes: Uint8Array
  readonly width: number
  readonly count: number
  readonly bad?: BadValues | undefined
}

/** Values of any length: value `i` is [starts[i], ends[i]) of `bytes`. */
export interface ByteValues {
  readonly kind: 'bytes'
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly count: number
  readonly bad?: BadValues | undefined
}

/** Values that our type cannot hold exactly, by their place. */
export type BadValues = ReadonlyMap<number, BadValue>

export interface BadValue {
  /** As text. */
  readonly value: string
  /** Goes on after the column's name. */
  readonly message: string
}

export function fixedValues(bytes: Uint8Array, width: number, bad?: BadValues): FixedValues {
  const count = Math.floor(bytes.length / width)
  return { kind: 'fixed', bytes, width, count, bad: bad?.size === 0 ? undefined : bad }
}

/** The same bytes where words can be read from. */
export function aligned(bytes: Uint8Array): Uint8Array {
  // Not `slice`, which gives a Buffer of the pool that may lie anywhere.
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
