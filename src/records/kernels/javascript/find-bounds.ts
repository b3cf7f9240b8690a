import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

/** The twins of `assembly/find-bounds.ts`. */
export function findTextBounds(linear: LinearMemory): Kernels['findTextBounds'] {
  return (values, count, bounds) => {
    const { bytes } = linear
    const length = (at: number) => bytes.readUInt32LE(at)
    const text = (at: number) => bytes.subarray(at + 4, at + 4 + length(at))
    const isBefore = (a: number, b: number) => text(a).compare(text(b)) < 0
    store(
      linear,
      bounds,
      extremes(values, count, (at) => at + 4 + length(at), isBefore),
    )
  }
}

export function findBytesBounds(linear: LinearMemory): Kernels['findBytesBounds'] {
  return (values, count, width, signed, bounds) => {
    const value = (at: number) => {
      const copy = Buffer.from(linear.bytes.subarray(at, at + width))
      // Flipped signs put the negative numbers first.
      if (signed) copy[0] = (copy[0] as number) ^ 0x80
      return copy
    }
    const isBefore = (a: number, b: number) => value(a).compare(value(b)) < 0
    store(
      linear,
      bounds,
      extremes(values, count, (at) => at + width, isBefore),
    )
  }
}

export function findInt32Bounds(linear: LinearMemory): Kernels['findInt32Bounds'] {
  return (values, count, bounds) => {
    const isBefore = (a: number, b: number) => linear.bytes.readInt32LE(a) < linear.bytes.readInt32LE(b)
    store(
      linear,
      bounds,
      extremes(values, count, (at) => at + 4, isBefore),
    )
  }
}

export function findInt64Bounds(linear: LinearMemory): Kernels['findInt64Bounds'] {
  return (values, count, bounds) => {
    const isBefore = (a: number, b: number) => linear.bytes.readBigInt64LE(a) < linear.bytes.readBigInt64LE(b)
    store(
      linear,
      bounds,
      extremes(values, count, (at) => at + 8, isBefore),
    )
  }
}

export function findFloat64Bounds(linear: LinearMemory): Kernels['findFloat64Bounds'] {
  return (values, count, bounds) => {
    const value = (at: number) => linear.bytes.readDoubleLE(at)
    let [low, high, strange] = [0, 0, 0]
    for (let at = values; at < values + count * 8; at += 8) {
      if (Number.isNaN(value(at))) strange++
      else if (low === 0) low = high = at
      else if (value(at) < value(low)) low = at
      else if (value(at) > value(high)) high = at
    }
    store(linear, bounds, [low, high])
    return strange
  }
}

/** Of equal values the first one. */
function extremes(
  values: number,
  count: number,
  next: (at: number) => number,
  isBefore: (a: number, b: number) => boolean,
): readonly [low: number, high: number] {
  if (count === 0) return [0, 0]
  let [low, high] = [values, values]
  for (let left = count, at = values; left > 0; left--, at = next(at)) {
    if (isBefore(at, low)) low = at
    if (isBefore(high, at)) high = at
  }
  return [low, high]
}

function store({ words }: LinearMemory, bounds: number, [low, high]: readonly [number, number]): void {
  words[bounds >>> 2] = low
  words[(bounds >>> 2) + 1] = high
}
