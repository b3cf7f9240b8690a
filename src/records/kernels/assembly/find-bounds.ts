// The order of values by their type (parquet.thrift: ColumnOrder): numbers by size, bytes unsigned; NaN has no place.

/** Bytes as one number of which the first byte counts most. */
// @ts-ignore: decorator
@inline function bigEndian(at: usize): u64 {
  return bswap<u64>(load<u64>(at))
}

function isBefore(a: usize, aLength: usize, b: usize, bLength: usize, signs: u64): bool {
  let left = min(aLength, bLength)
  while (left >= 8) {
    const x = bigEndian(a) ^ signs
    const y = bigEndian(b) ^ signs
    if (x != y) return x < y
    signs = 0
    a += 8
    b += 8
    left -= 8
  }
  if (left > 0) {
    const shift = <u64>(8 - left) << 3
    const x = (bigEndian(a) ^ signs) >> shift
    const y = (bigEndian(b) ^ signs) >> shift
    if (x != y) return x < y
  }
  return aLength < bLength
}

export function findTextBounds(values: usize, count: i32, bounds: usize): void {
  let low: usize = 0
  let high: usize = 0
  for (; count > 0; count--) {
    const length = <usize>load<u32>(values)
    if (low == 0) {
      low = values
      high = values
    } else if (isBefore(values + 4, length, low + 4, <usize>load<u32>(low), 0)) {
      low = values
    } else if (isBefore(high + 4, <usize>load<u32>(high), values + 4, length, 0)) {
      high = values
    }
    values += 4 + length
  }
  store<u32>(bounds, <u32>low)
  store<u32>(bounds, <u32>high, 4)
}

export function findBytesBounds(values: usize, count: i32, width: usize, signed: bool, bounds: usize): void {
  const signs: u64 = signed ? 0x8000000000000000 : 0
  let low: usize = 0
  let high: usize = 0
  for (; count > 0; count--, values += width) {
    if (low == 0) {
      low = values
      high = values
    } else if (isBefore(values, width, low, width, signs)) low = values
    else if (isBefore(high, width, values, width, signs)) high = values
  }
  store<u32>(bounds, <u32>low)
  store<u32>(bounds, <u32>high, 4)
}

export function findInt32Bounds(values: usize, count: i32, bounds: usize): void {
  let low = values
  let high = values
  const end = values + ((<usize>count) << 2)
  for (let at = values; at < end; at += 4) {
    if (load<i32>(at) < load<i32>(low)) low = at
    if (load<i32>(at) > load<i32>(high)) high = at
  }
  store<u32>(bounds, count == 0 ? 0 : <u32>low)
  store<u32>(bounds, count == 0 ? 0 : <u32>high, 4)
}

export function findInt64Bounds(values: usize, count: i32, bounds: usize): void {
  let low = values
  let high = values
  const end = values + ((<usize>count) << 3)
  for (let at = values; at < end; at += 8) {
    if (load<i64>(at) < load<i64>(low)) low = at
    if (load<i64>(at) > load<i64>(high)) high = at
  }
  store<u32>(bounds, count == 0 ? 0 : <u32>low)
  store<u32>(bounds, count == 0 ? 0 : <u32>high, 4)
}

export function findFloat64Bounds(values: usize, count: i32, bounds: usize): i32 {
  let low: usize = 0
  let high: usize = 0
  let strange = 0
  const end = values + ((<usize>count) << 3)
  for (let at = values; at < end; at += 8) {
    const value = load<f64>(at)
    if (value != value) strange++
    else if (low == 0) {
      low = at
      high = at
    } else if (value < load<f64>(low)) low = at
    else if (value > load<f64>(high)) high = at
  }
  store<u32>(bounds, <u32>low)
  store<u32>(bounds, <u32>high, 4)
  return strange
}
