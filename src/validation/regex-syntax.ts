/** What a regular expression of the supported subset means, over ASCII codes. */
export type Syntax =
  /** One character; `codes` has 1 for each of the 128 codes that match. */
  | { readonly kind: 'one'; readonly codes: Uint8Array }
  | { readonly kind: 'all'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'any'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'repeat'; readonly part: Syntax; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' }

/** A counted repetition is unrolled, so `{1,100000}` is left to the engine. */
export const MAX_REPEAT = 256

/**
 * Parses literals, classes, `\d \w \s`, `.`, groups, alternation, quantifiers, `^` and `$`. Returns undefined for all
 * else: look-around, back-references, `\b`, Unicode properties, and what only Annex B of ECMAScript lets pass.
 * Laziness and captures are dropped: they decide how something matches, not whether.
 */
export function parseRegex(regex: RegExp): Syntax | undefined {
  if (/[mv]/.test(regex.flags) || (regex.unicode && regex.ignoreCase)) return undefined
  try {
    return new Parser(regex.source, regex.ignoreCase, regex.dotAll).parse()
  } catch (error) {
    if (error === UNSUPPORTED) return undefined
    throw error
  }
}

const UNSUPPORTED = new Error('not in the regular subset')

function fail(): never {
  throw UNSUPPORTED
}

class Parser {
  readonly #source: string
  readonly #ignoreCase: boolean
  readonly #dotAll: boolean
  #at = 0

  constructor(source: string, ignoreCase: boolean, dotAll: boolean) {
    this.#source = source
    this.#ignoreCase = ignoreCase
    this.#dotAll = dotAll
  }

  parse(): Syntax {
    const syntax = this.#alternation()
    return this.#at === this.#source.length ? syntax : fail()
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match !== null) this.#at += match[0].length
    return match
  }

  #alternation(): Syntax {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { kind: 'any', parts }
  }

  #sequence(): Syntax {
    const parts: Syntax[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) parts.push(this.#term())
    return { kind: 'all', parts }
  }

  #term(): Syntax {
    if (this.#take('^')) return { kind: 'start' }
    if (this.#take('$')) return { kind: 'end' }
    return this.#quantified(this.#atom())
  }

  #quantified(part: Syntax): Syntax {
    const match = this.#match(/(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y)
    if (match === null) return part
    const [, sign, least, comma, most] = match
    const min = sign === '+' ? 1 : Number(least ?? 0)
    const max = sign === '?' ? 1 : sign !== undefined || (comma && !most) ? Infinity : Number(most ?? least)
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) fail()
    return { kind: 'repeat', part, min, max }
  }

  #atom(): Syntax {
    if (this.#match(/\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))/y)) {
      const inner = this.#alternation()
      return this.#take(')') ? inner : fail()
    }
    return { kind: 'one', codes: this.#codes() }
  }

  #codes(): Uint8Array {
    if (this.#take('.')) return complement(this.#dotAll ? new Uint8Array(128) : codesOf('\n\r'))
    if (this.#take('[')) return this.#class()
    if (this.#take('\\')) return this.#escape()
    const literal = this.#match(/[^*+?{}()[\]]/y)
    return this.#fold(single(literal === null ? fail() : literal[0].charCodeAt(0)))
  }

  #class(): Uint8Array {
    const negated = this.#take('^')
    const codes = new Uint8Array(128)
    while (!this.#take(']')) {
      const from = this.#classAtom()
      const isRange = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']' && this.#take('-')
      if (!isRange) merge(codes, typeof from === 'number' ? single(from) : from)
      else merge(codes, range(from, this.#classAtom()))
    }
    const folded = this.#fold(codes)
    return negated ? complement(folded) : folded
  }

  #classAtom(): number | Uint8Array {
    const set = this.#match(/\\[dDwWsS]/y)
    if (set !== null) return CLASSES[set[0][1]!]!
    if (this.#take('\\')) return this.#take('-') ? 45 : this.#character()
    return this.#at < this.#source.length ? this.#source.charCodeAt(this.#at++) : fail()
  }

  #escape(): Uint8Array {
    const set = this.#match(/[dDwWsS]/y)
    return set === null ? this.#fold(single(this.#character())) : CLASSES[set[0]]!
  }

  /** The code that stands behind a backslash. */
  #character(): number {
    const hex = this.#match(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y)
    if (hex !== null) return Number.parseInt(hex[1] ?? hex[2]!, 16)
    const control = this.#match(/[tnrfv]|0(?!\d)/y)
    if (control !== null) return CONTROLS[control[0]]!
    const itself = this.#match(/[\^$\\.*+?()[\]{}|/]|[-@#%&~!"',:;<=>_` ]/y)
    return itself === null ? fail() : itself[0].charCodeAt(0)
  }

  /** ASCII folds within ASCII: without the `u` flag no other character may become one of it. */
  #fold(codes: Uint8Array): Uint8Array {
    if (!this.#ignoreCase) return codes
    const folded = codes.slice()
    for (let upper = 65; upper <= 90; upper++) folded[upper] = folded[upper + 32] = codes[upper]! | codes[upper + 32]!
    return folded
  }
}

const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }

const DIGITS = '0123456789'
const WORD = `${DIGITS}_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`
const SPACE = '\t\n\v\f\r '

const CLASSES: Record<string, Uint8Array> = {
  d: codesOf(DIGITS),
  D: complement(codesOf(DIGITS)),
  w: codesOf(WORD),
  W: complement(codesOf(WORD)),
  s: codesOf(SPACE),
  S: complement(codesOf(SPACE)),
}

function codesOf(text: string): Uint8Array {
  const codes = new Uint8Array(128)
  for (const character of text) codes[character.charCodeAt(0)] = 1
  return codes
}

/** A character beyond ASCII matches nothing here: such values are left to the engine. */
function single(code: number): Uint8Array {
  const codes = new Uint8Array(128)
  if (code < 128) codes[code] = 1
  return codes
}

function range(from: number | Uint8Array, to: number | Uint8Array): Uint8Array {
  if (typeof from !== 'number' || typeof to !== 'number') return fail()
  return new Uint8Array(128).fill(1, from, Math.max(from, to + 1))
}

function complement(codes: Uint8Array): Uint8Array {
  return codes.map((bit) => 1 - bit)
}

function merge(into: Uint8Array, codes: Uint8Array): void {
  for (let code = 0; code < 128; code++) into[code]! |= codes[code]!
}
