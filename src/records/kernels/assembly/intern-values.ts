// A dictionary of values as they stand in a PLAIN page: open addressing, no more than 64 steps, so that nobody can make
// it slow with values that collide.
const STEPS: i32 = 64

// @ts-ignore: decorator
@inline function lengthOf(value: usize, width: usize): usize {
  return width == 0 ? 4 + <usize>load<u32>(value) : width
}

// @ts-ignore: decorator
@inline function mix(hash: u32, word: u32): u32 {
  const mixed = (hash ^ word) * 0x9e3779b1
  return mixed ^ (mixed >> 15)
}

// @ts-ignore: decorator
@inline function hashOf(value: usize, length: usize): u32 {
  let hash: u32 = 0
  const end = value + length
  while (value + 4 <= end) {
    hash = mix(hash, load<u32>(value))
    value += 4
  }
  if (value < end) hash = mix(hash, load<u32>(value) & ((1 << (<u32>(end - value) << 3)) - 1))
  return hash
}

// @ts-ignore: decorator
@inline function areEqual(a: usize, b: usize, length: usize): bool {
  while (length >= 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false
    a += 16
    b += 16
    length -= 16
  }
  const equal = i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)))
  const wanted = (1 << <i32>length) - 1
  return (equal & wanted) == wanted
}

let known: u32 = 0
let end: usize = 0

/** The index of a value, which may be new; -1 when there is no room for it. */
function indexOf(value: usize, length: usize, width: usize, dictionary: usize): i32 {
  const table = <usize>load<u32>(dictionary, 16)
  const mask = load<u32>(dictionary, 20)
  const places = <usize>load<u32>(dictionary, 24)
  let slot = hashOf(value, length) & mask
  for (let steps = 0; steps < STEPS; steps++) {
    const entry = load<u32>(table + ((<usize>slot) << 2))
    if (entry == 0) {
      if (known == load<u32>(dictionary, 8) || end + length > <usize>load<u32>(dictionary, 12)) return -1
      memory.copy(end, value, length)
      store<u32>(places + ((<usize>known) << 2), <u32>end)
      end += length
      store<u32>(table + ((<usize>slot) << 2), ++known)
      return known - 1
    }
    const place = <usize>load<u32>(places + ((<usize>(entry - 1)) << 2))
    if (lengthOf(place, width) == length && areEqual(place, value, length)) return entry - 1
    slot = (slot + 1) & mask
  }
  return -1
}

export function internValues(values: usize, count: i32, width: usize, dictionary: usize, indices: usize): i32 {
  known = load<u32>(dictionary)
  end = <usize>load<u32>(dictionary, 4)
  let done = 0
  for (; done < count; done++) {
    const length = lengthOf(values, width)
    const index = indexOf(values, length, width, dictionary)
    if (index < 0) break
    store<u32>(indices, index)
    values += length
    indices += 4
  }
  store<u32>(dictionary, known)
  store<u32>(dictionary, <u32>end, 4)
  store<u32>(dictionary, <u32>values, 28)
  return done
}
