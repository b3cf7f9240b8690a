// Eight bytes a step. Bytes behind the end are made 255, which leads from each state to itself (see `findMismatches`
// in ../kernels.ts), so no step depends on the length.
import { endOf, isEscaped, startOf } from './span'

const ACCEPTS: usize = 16
const NEXT: usize = 272
const HIGH_BITS: u64 = 0x8080808080808080

/** The state in lane 0 moves on by byte `k`: one shuffle, and no load depends on the state. */
// @ts-ignore: decorator
@inline function shuffle(next: usize, word: u64, k: u64, state: v128): v128 {
  const row = k == 0 ? (word << 4) & 0xff0 : (word >> ((k << 3) - 4)) & 0xff0
  return i8x16.swizzle(v128.load(next + <usize>row), state)
}

/** All ones for the bytes of a word that stand at or behind `end`. */
// @ts-ignore: decorator
@inline function beyond(p: usize, end: usize): u64 {
  const left = <u64>(end - p)
  return left >= 8 ? 0 : ~(<u64>0) << (left << 3)
}

// @ts-ignore: decorator
@inline function advance(next: usize, word: u64, state: v128): v128 {
  state = shuffle(next, word, 0, state)
  state = shuffle(next, word, 1, state)
  state = shuffle(next, word, 2, state)
  state = shuffle(next, word, 3, state)
  state = shuffle(next, word, 4, state)
  state = shuffle(next, word, 5, state)
  state = shuffle(next, word, 6, state)
  return shuffle(next, word, 7, state)
}

let stateA: i32 = 0
let stateB: i32 = 0

/** Leaves in `stateA` and `stateB` the states, of at most 16, behind [a, endA) and [b, endB); dead if not ASCII. */
// @ts-ignore: decorator
@inline function runSmall(next: usize, start: i32, a: usize, endA: usize, b: usize, endB: usize): void {
  let vectorA = i8x16.splat(<i8>start)
  let vectorB = vectorA
  let highA: u64 = 0
  let highB: u64 = 0
  // Two rows at once: each alone would wait for its own shuffles.
  while (a < endA && b < endB) {
    const padA = beyond(a, endA)
    const padB = beyond(b, endB)
    const wordA = load<u64>(a) & ~padA
    const wordB = load<u64>(b) & ~padB
    highA |= wordA
    highB |= wordB
    vectorA = advance(next, wordA | padA, vectorA)
    vectorB = advance(next, wordB | padB, vectorB)
    a += 8
    b += 8
  }
  for (; a < endA; a += 8) {
    const pad = beyond(a, endA)
    const word = load<u64>(a) & ~pad
    highA |= word
    vectorA = advance(next, word | pad, vectorA)
  }
  for (; b < endB; b += 8) {
    const pad = beyond(b, endB)
    const word = load<u64>(b) & ~pad
    highB |= word
    vectorB = advance(next, word | pad, vectorB)
  }
  stateA = (highA & HIGH_BITS) != 0 ? 0 : i8x16.extract_lane_u(vectorA, 0)
  stateB = (highB & HIGH_BITS) != 0 ? 0 : i8x16.extract_lane_u(vectorB, 0)
}

// @ts-ignore: decorator
@inline function runLarge(next: usize, start: i32, p: usize, end: usize): i32 {
  let state = <usize>start
  for (; p < end; p++) {
    const byte = load<u8>(p)
    if (byte > 127) return 0
    state = <usize>load<u8>(next + (state << 8) + byte)
  }
  return <i32>state
}

export function findMismatches(spans: usize, stride: usize, rows: i32, live: usize, table: usize, out: usize): void {
  const small = load<u32>(table) <= 16
  const start = load<i32>(table, 4)
  const next = table + NEXT
  let at = out + 4
  for (let row = 0; row < rows; row += 2, spans += stride << 1) {
    // The spans of rows that are gone may be anything; what has no bytes is not listed.
    const liveA = load<u8>(live + row) != 0
    const liveB = row + 1 < rows && load<u8>(live + row, 1) != 0
    const spanB = spans + stride
    const a = liveA ? startOf(spans) : 0
    const endA = liveA ? endOf(spans) : 0
    const b = liveB ? startOf(spanB) : 0
    const endB = liveB ? endOf(spanB) : 0
    if (small) {
      runSmall(next, start, a, endA, b, endB)
    } else {
      stateA = runLarge(next, start, a, endA)
      stateB = runLarge(next, start, b, endB)
    }
    if (a != endA && (load<u8>(table + <usize>stateA, ACCEPTS) == 0 || isEscaped(spans))) {
      store<i32>(at, row)
      at += 4
    }
    if (b != endB && (load<u8>(table + <usize>stateB, ACCEPTS) == 0 || isEscaped(spanB))) {
      store<i32>(at, row + 1)
      at += 4
    }
  }
  store<u32>(out, <u32>((at - out - 4) >> 2))
}
