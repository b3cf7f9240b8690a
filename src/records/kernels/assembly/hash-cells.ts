// Multilinear-HM (Lemire, Kaser: Strongly universal string hashing is fast, 2012): with 64-bit keys and 32-bit words,
// the upper half of k0 + Σ (k(2i) + w(2i)) (k(2i+1) + w(2i+1)) mod 2^64 is strongly universal. Four lanes with keys of
// their own give 128 bits. Text longer than a block is chained: the state is the first words of the next block.
import { endOf, isEscaped, startOf } from './span'

const BLOCK: usize = 256 // bytes of text a block
const STEP: usize = 64 // bytes of keys a step: two 64-bit keys for each of four lanes

let h0: u64 = 0
let h1: u64 = 0
let h2: u64 = 0
let h3: u64 = 0

// @ts-ignore: decorator
@inline function step(keys: usize, a: u64, b: u64): void {
  h0 += (load<u64>(keys) + a) * (load<u64>(keys, 8) + b)
  h1 += (load<u64>(keys, 16) + a) * (load<u64>(keys, 24) + b)
  h2 += (load<u64>(keys, 32) + a) * (load<u64>(keys, 40) + b)
  h3 += (load<u64>(keys, 48) + a) * (load<u64>(keys, 56) + b)
}

/** Starts a block: the first step takes its length, the next two the 128 bits so far. */
// @ts-ignore: decorator
@inline function begin(keys: usize, length: u64, low: u64, high: u64): usize {
  h0 = load<u64>(keys)
  h1 = load<u64>(keys, 8)
  h2 = load<u64>(keys, 16)
  h3 = load<u64>(keys, 24)
  keys += 32
  step(keys, length & 0xffffffff, length >> 32)
  step(keys + STEP, low & 0xffffffff, low >> 32)
  step(keys + 2 * STEP, high & 0xffffffff, high >> 32)
  return keys + 3 * STEP
}

function hashText(start: usize, end: usize, keys: usize, hash: usize, chain: bool): void {
  let low: u64 = chain ? load<u64>(hash) : 0
  let high: u64 = chain ? load<u64>(hash, 8) : 0
  const length = <u64>(end - start)
  for (;;) {
    const stop = min(end, start + BLOCK)
    let k = begin(keys, length, low, high)
    while (start + 8 <= stop) {
      const w = load<u64>(start)
      step(k, w & 0xffffffff, w >> 32)
      start += 8
      k += STEP
    }
    if (start < stop) {
      const w = load<u64>(start) & ((<u64>1 << ((<u64>(stop - start)) << 3)) - 1)
      step(k, w & 0xffffffff, w >> 32)
      start = stop
    }
    low = (h0 >> 32) | (h1 & 0xffffffff00000000)
    high = (h2 >> 32) | (h3 & 0xffffffff00000000)
    if (start >= end) break
  }
  store<u64>(hash, low)
  store<u64>(hash, high, 8)
}

export function hashCells(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  keys: usize,
  chain: bool,
  hashes: usize,
  keyed: usize,
  slow: usize,
): void {
  let at = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, hashes += 16) {
    const status = load<u8>(live + row)
    if (!chain) store<u8>(keyed + row, status)
    if (load<u8>(keyed + row) == 0) continue
    const start = startOf(spans)
    const end = endOf(spans)
    if (start == end) {
      store<u8>(keyed + row, 0)
    } else if (isEscaped(spans)) {
      store<i32>(at, row)
      at += 4
    } else {
      hashText(start, end, keys, hashes, chain)
    }
  }
  store<u32>(slow, <u32>((at - slow - 4) >> 2))
}
