import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/hash-cells.ts`. */
export function hashCells(linear: LinearMemory): Kernels['hashCells'] {
  return (spans, stride, rows, live, keys, chain, hashes, keyed, slow) => {
    const { bytes, words } = linear
    const key = readKeys(bytes, keys)
    let listed = 0
    for (let row = 0; row < rows; row++) {
      const span = (spans + row * stride) >>> 2
      const end = words[span + 1]! & ADDRESS
      if (!chain) bytes[keyed + row] = bytes[live + row]!
      if (bytes[keyed + row] === GONE) continue
      if (words[span] === end) {
        bytes[keyed + row] = GONE
      } else if ((words[span + 1]! & ESCAPED) !== 0) {
        words[(slow >>> 2) + ++listed] = row
      } else {
        const at = hashes + 16 * row
        const before: Hash = chain ? [bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8)] : [0n, 0n]
        const [low, high] = hashText(bytes.subarray(words[span], end), key, before)
        bytes.writeBigUInt64LE(low, at)
        bytes.writeBigUInt64LE(high, at + 8)
      }
    }
    words[slow >>> 2] = listed
  }
}

type Hash = readonly [low: bigint, high: bigint]

const BLOCK = 256
const LANES = [0, 1, 2, 3] as const
/** Four lanes of a start, then of two keys for each word: length, hash so far (two), and up to 32 of a block. */
const KEYS = 4 + (1 + 2 + BLOCK / 8) * 8

function readKeys(bytes: Buffer, address: number): readonly bigint[] {
  return Array.from({ length: KEYS }, (_, index) => bytes.readBigUInt64LE(address + 8 * index))
}

/** Text longer than a block is chained: the hash of one block is the first words of the next one. */
function hashText(text: Buffer, key: readonly bigint[], before: Hash): Hash {
  let hash = before
  for (let from = 0; from < text.length; from += BLOCK) {
    hash = hashBlock([BigInt(text.length), ...hash, ...wordsOf(text.subarray(from, from + BLOCK))], key)
  }
  return hash
}

/** 64-bit words in little-endian order, the last one filled up with zeros. */
function wordsOf(block: Buffer): readonly bigint[] {
  const padded = Buffer.alloc(Math.ceil(block.length / 8) * 8)
  block.copy(padded)
  return Array.from({ length: padded.length / 8 }, (_, index) => padded.readBigUInt64LE(index * 8))
}

/** Per lane k0 + Σ (k(2i) + lower half of word i) (k(2i + 1) + upper half of word i); its upper half is the hash. */
function hashBlock(words: readonly bigint[], key: readonly bigint[]): Hash {
  const [a, b, c, d] = LANES.map((lane) => {
    const sum = words.reduce((total, word, index) => {
      const at = 4 + index * 8 + lane * 2
      const left = BigInt.asUintN(64, key[at]! + (word & 0xffff_ffffn))
      const right = BigInt.asUintN(64, key[at + 1]! + (word >> 32n))
      return total + left * right
    }, key[lane]!)
    return BigInt.asUintN(64, sum) >> 32n
  }) as [bigint, bigint, bigint, bigint]
  return [a | (b << 32n), c | (d << 32n)]
}
