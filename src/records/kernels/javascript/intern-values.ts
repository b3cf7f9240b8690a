import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'
import { DICTIONARY } from '../page-kernels.ts'

const STEPS = 64

/** The twin of `assembly/intern-values.ts`. */
export function internValues(linear: LinearMemory): Kernels['internValues'] {
  return (values, count, width, dictionary, indices) => {
    const { bytes, words } = linear
    const at = dictionary >>> 2
    const known = words[at + DICTIONARY.known] as number
    const state = { known, end: words[at + DICTIONARY.end] as number }
    let value = values
    let done = 0
    for (; done < count; done++) {
      const length = lengthOf(bytes, value, width)
      const index = indexOf(linear, at, state, value, length, width)
      if (index === undefined) break
      words[(indices >>> 2) + done] = index
      value += length
    }
    words[at + DICTIONARY.known] = state.known
    words[at + DICTIONARY.end] = state.end
    words[at + DICTIONARY.next] = value
    return done
  }
}

interface State {
  known: number
  end: number
}

/** Undefined when there is no room for it. */
function indexOf(
  { bytes, words }: LinearMemory,
  at: number,
  state: State,
  value: number,
  length: number,
  width: number,
): number | undefined {
  const word = (offset: number) => words[at + offset] as number
  const [table, mask, places] = [word(DICTIONARY.table) >>> 2, word(DICTIONARY.mask), word(DICTIONARY.places) >>> 2]
  let slot = hashOf(bytes, value, length) & mask
  for (let steps = 0; steps < STEPS; steps++) {
    const entry = words[table + slot] as number
    if (entry === 0) {
      if (state.known === word(DICTIONARY.most) || state.end + length > word(DICTIONARY.limit)) return undefined
      bytes.copyWithin(state.end, value, value + length)
      words[places + state.known] = state.end
      state.end += length
      words[table + slot] = ++state.known
      return state.known - 1
    }
    const place = words[places + entry - 1] as number
    const known = bytes.subarray(place, place + lengthOf(bytes, place, width))
    if (known.equals(bytes.subarray(value, value + length))) return entry - 1
    slot = ((slot + 1) & mask) >>> 0
  }
  return undefined
}

function lengthOf(bytes: Buffer, value: number, width: number): number {
  return width === 0 ? 4 + bytes.readUInt32LE(value) : width
}

function hashOf(bytes: Buffer, value: number, length: number): number {
  let hash = 0
  for (let at = 0; at < length; at += 4) {
    const rest = Math.min(4, length - at)
    const mixed = Math.imul(hash ^ bytes.readUIntLE(value + at, rest), 0x9e3779b1)
    hash = mixed ^ (mixed >>> 15)
  }
  return hash >>> 0
}
