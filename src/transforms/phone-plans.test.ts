import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { type Automaton, determinize } from '../validation/automaton.ts'
import { parseRegex, type Syntax } from '../validation/regex-syntax.ts'
import { CALLING_CODES, COUNTRIES } from './phone-plans.ts'

// Derives from the library's metadata for which numbers its answer is plain: those that no rule about prefixes can
// touch, whatever their other digits, and whose length is possible in every country of the calling code. What a
// regular expression of the metadata can match is decided by automata, not by trying numbers.

/** The library's layout of a numbering plan, see its METADATA.md. */
type Plan = readonly unknown[]
interface Metadata {
  readonly countries: Record<string, Plan>
  readonly country_calling_codes: Record<string, readonly string[]>
  readonly nonGeographic: Record<string, Plan>
}
const metadata: Metadata = createRequire(import.meta.url)('libphonenumber-js/metadata.min.json')

const callingCode = (plan: Plan) => String(plan[0])
const internationalPrefix = (plan: Plan) => String(plan[1])
const nationalPattern = (plan: Plan) => whole(String(plan[2]))
const lengths = (plan: Plan) => plan[3] as readonly number[]
const prefixForParsing = (plan: Plan) => String(plan[7] || plan[5] || '')

const DIGITS = [...'0123456789']
const ANYTHING: Syntax = {
  kind: 'repeat',
  part: { kind: 'one', codes: new Uint8Array(128).fill(1) },
  min: 0,
  max: Number.POSITIVE_INFINITY,
}

function whole(source: string, behind: readonly Syntax[] = []): Automaton {
  const syntax = parseRegex(new RegExp(source)) ?? assert.fail(source)
  return determinize({ kind: 'all', parts: [syntax, ...behind] }) ?? assert.fail(source)
}

/** Accepts the texts that start with a match. */
const beginning = (source: string) => whole(source, [ANYTHING])

function read({ next }: Automaton, state: number, text: string): number {
  return [...text].reduce((at, digit) => next[at * 128 + digit.charCodeAt(0)]!, state)
}

/** Whether `wanted` is true for the two automata on `a + rest`, `b + rest` with some `rest` of that many digits. */
function some(
  [a, textA]: [Automaton, string],
  [b, textB]: [Automaton, string],
  rest: number,
  wanted: (acceptsA: boolean, acceptsB: boolean) => boolean,
): boolean {
  let pairs = new Set([`${read(a, a.start, textA)} ${read(b, b.start, textB)}`])
  const numbers = (pair: string) => pair.split(' ').map(Number) as [number, number]
  for (let i = 0; i < rest; i++) {
    pairs = new Set(
      [...pairs].flatMap((pair) => {
        const [stateA, stateB] = numbers(pair)
        return DIGITS.map((digit) => `${read(a, stateA, digit)} ${read(b, stateB, digit)}`)
      }),
    )
  }
  return [...pairs].some((pair) => {
    const [stateA, stateB] = numbers(pair)
    return wanted(a.accepts[stateA] === 1, b.accepts[stateB] === 1)
  })
}

/** Whether `source` can match at the start of some text of `length` digits that begins with `text`. */
function canBegin(source: string, text: string, length: number): boolean {
  if (source === '' || text.length > length) return false
  const automaton = beginning(source)
  return some([automaton, text], [automaton, text], length - text.length, (accepts) => accepts)
}

type Test = (first: string, length: number) => boolean

/** A rule: per first digit of the national number the bits of its lengths, as `digits:mask` in hexadecimal. */
function rule(plain: Test): string {
  const byMask = new Map<number, string>()
  for (const digit of DIGITS) {
    let mask = 0
    for (let length = 4; length < 15; length++) if (plain(digit, length)) mask |= 1 << length
    if (mask !== 0) byMask.set(mask, (byMask.get(mask) ?? '') + digit)
  }
  return [...byMask].map(([mask, digits]) => `${digits}:${mask.toString(16)}`).join(',')
}

/** Behind `+` and the calling code; stable, because no national prefix can be found in the result either. */
function international(code: string): Test {
  const countries = metadata.country_calling_codes[code]
  const plans = countries?.map((country) => metadata.countries[country]!) ?? [metadata.nonGeographic[code]!]
  return (first, length) =>
    code.length + length <= 15 &&
    plans.every((plan) => lengths(plan).includes(length)) &&
    !canBegin(prefixForParsing(plans[0]!), first, length)
}

/** A national number as it is, without any prefix. */
function bare(plan: Plan): Test {
  const plain = international(callingCode(plan))
  return (first, length) =>
    plain(first, length) &&
    !canBegin(prefixForParsing(plan), first, length) &&
    !canBegin(internationalPrefix(plan), first, length) &&
    !(callingCode(plan).startsWith(first) && mayBeInternational(plan, length))
}

/**
 * Whether a national number that starts like its calling code may be read as an international one without `+`: if it
 * does not match the national pattern as it is, but what stands behind the calling code does.
 */
function mayBeInternational(plan: Plan, length: number): boolean {
  const code = callingCode(plan)
  const pattern = nationalPattern(plan)
  const rest = length - code.length
  const prefix = prefixForParsing(plan)
  const onlyShorter = (longer: boolean, shorter: boolean) => !longer && shorter
  if (some([pattern, code], [pattern, ''], rest, onlyShorter)) return true
  if (!canBegin(prefix, '', rest)) return false
  return !/^\d$/.test(prefix) || some([pattern, code + prefix], [pattern, ''], rest - 1, onlyShorter)
}

/** Behind a national prefix that is always the same one digit; the empty rule elsewhere. */
function trunk(plan: Plan): Test {
  const digit = prefixForParsing(plan)
  const plain = international(callingCode(plan))
  const pattern = nationalPattern(plan)
  return (first, length) =>
    plain(first, length) &&
    !canBegin(digit, first, length) &&
    !canBegin(internationalPrefix(plan), digit + first, length + 1) &&
    (!callingCode(plan).startsWith(digit) || callingCode(plan) === digit) &&
    // The prefix stays if the number matches the pattern with it and only with it.
    !some([pattern, digit + first], [pattern, first], length - 1, (with_, without) => with_ && !without)
}

function callingCodeLines(): string[] {
  const codes = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)].sort()
  return codes.map((code) => `${code}|${rule(international(code))}`)
}

function countryLines(): string[] {
  return Object.entries(metadata.countries).map(([country, plan]) => {
    const idd = internationalPrefix(plan)
    const prefix = prefixForParsing(plan)
    const hasTrunk = /^\d$/.test(prefix)
    const fields = [country, callingCode(plan), /^\d{1,3}$/.test(idd) ? idd : '', rule(bare(plan))]
    return [...fields, hasTrunk ? prefix : '', hasTrunk ? rule(trunk(plan)) : ''].join('|')
  })
}

/** Lines of up to 118 characters. */
function wrapped(records: readonly string[]): string {
  return records.reduce((text, record) => {
    const fits = text.length - text.lastIndexOf('\n') + record.length < 118
    return text + (fits && text !== '' ? ' ' : '\n') + record
  }, '')
}

describe('the phone plans', () => {
  it('are what follows from the metadata of libphonenumber-js (UPDATE_PHONE_PLANS=1 rewrites them)', () => {
    const expected = { CALLING_CODES: wrapped(callingCodeLines()), COUNTRIES: wrapped(countryLines()) }
    if (process.env['UPDATE_PHONE_PLANS']) {
      const file = new URL('./phone-plans.ts', import.meta.url)
      const source = readFileSync(file, 'utf8')
      const replace = (text: string, [name, data]: [string, string]) =>
        text.replace(new RegExp(`(const ${name}: string = \`)[^\`]*`), `$1${data}\n`)
      return writeFileSync(file, Object.entries(expected).reduce(replace, source))
    }
    assert.equal(CALLING_CODES.trim(), expected.CALLING_CODES.trim())
    assert.equal(COUNTRIES.trim(), expected.COUNTRIES.trim())
  })
})
