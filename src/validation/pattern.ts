import { type Automaton, determinize } from './automaton.ts'
import { parseRegex, type Syntax } from './regex-syntax.ts'

export interface PatternOptions {
  /** `full` (default): the whole value must match. `search`: a match anywhere in it will do. */
  readonly match?: 'full' | 'search'
  /**
   * Values with more UTF-16 units than this fail instead of being given to the engine, whose backtracking can take
   * quadratic time and more. It bounds that, but not patterns like `(a+)+b`, which are exponential from a few dozen
   * characters on. ASCII values of a pattern that has a `table` need no bound: they take linear time. Default 4096.
   */
  readonly maxLength?: number
}

export interface Pattern {
  /** Whether the value matches. Has no state: the flags `g` and `y` are dropped. */
  test(value: string): boolean
  /** What the kernel `findMismatches` works by; absent if the pattern is not in the regular subset or too large. */
  readonly table?: Uint8Array
}

/**
 * Compiles a pattern for `stringPatterns`. Patterns in the regular subset (see `parseRegex`) with up to 255 states
 * become an automaton, which reads every byte once; all others, and values beyond ASCII, go to the engine.
 */
export function compilePattern(regex: RegExp, options: PatternOptions = {}): Pattern {
  const { match = 'full', maxLength = 4096 } = options
  const engine = new RegExp(match === 'full' ? wrap(regex) : regex.source, regex.flags.replace(/[gy]/g, ''))
  const automaton = compile(regex, match)
  const withinCap = (value: string): boolean => value.length <= maxLength && engine.test(value)
  if (automaton === undefined) return { test: withinCap }
  return { test: (value) => accepts(automaton, value) ?? withinCap(value), table: tableOf(automaton) }
}

/** With the flag m, `^` and `$` also match at line ends inside the value. */
function wrap({ source, multiline }: RegExp): string {
  return multiline ? `(?<![^])(?:${source})(?![^])` : `^(?:${source})$`
}

const ANY: Syntax = { kind: 'one', codes: new Uint8Array(128).fill(1) }
const ANYTHING: Syntax = { kind: 'repeat', part: ANY, min: 0, max: Number.POSITIVE_INFINITY }

function compile(regex: RegExp, match: 'full' | 'search'): Automaton | undefined {
  const syntax = parseRegex(regex)
  if (syntax === undefined) return undefined
  return determinize(match === 'full' ? syntax : { kind: 'all', parts: [ANYTHING, syntax, ANYTHING] })
}

/** Undefined for values beyond ASCII, of which the automaton knows nothing. */
function accepts({ start, next, accepts }: Automaton, value: string): boolean | undefined {
  let state = start
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > 127) return undefined
    state = next[state * 128 + code]!
  }
  return accepts[state] === 1
}

const HEADER = 16
const NEXT = HEADER + 256
/** A byte that ASCII text cannot hold: the kernel pads with it. */
const PADDING = 255

/** The layout is described at `Kernels.findMismatches`. */
function tableOf({ states, start, next, accepts }: Automaton): Uint8Array {
  const small = states <= 16
  const table = new Uint8Array(NEXT + 256 * (small ? 16 : states))
  new DataView(table.buffer).setUint32(0, states, true)
  new DataView(table.buffer).setUint32(4, start, true)
  table.set(accepts, HEADER)
  for (let state = 0; state < states; state++) {
    const place = (byte: number): number => NEXT + (small ? byte * 16 + state : state * 256 + byte)
    for (let code = 0; code < 128; code++) table[place(code)] = next[state * 128 + code]!
    table[place(PADDING)] = state
  }
  return table
}
