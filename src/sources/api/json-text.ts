/** Where a text is no JSON. */
export interface JsonFault {
  /** Of the first character that does not belong there, counted from 0. */
  readonly position: number
  /** Nothing is wrong but that the text ends there. */
  readonly cut: boolean
}

/**
 * The value of a JSON text. Whole numbers that a JavaScript number cannot hold become bigints: identifiers would change
 * otherwise. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  // A function for each value makes parsing several times slower, so it is called only where such a number may be.
  return LONG_NUMBER.test(text)
    ? JSON.parse(text, exactly as (key: string, value: unknown) => unknown)
    : JSON.parse(text)
}

function exactly(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return WHOLE.test(source) ? BigInt(source) : value
}

const LONG_NUMBER = /\d{16}/
const WHOLE = /^-?\d+$/

/**
 * Where a text that the parser refuses is at fault: the parser's own message may quote the text, with what is secret in
 * it. Undefined for JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  const take = (expression: RegExp) => {
    expression.lastIndex = at
    const match = expression.exec(text)
    if (match !== null) at = expression.lastIndex
    return match?.[0]
  }
  for (;;) {
    take(SPACE)
    if (at === text.length) return expected === 'end' ? undefined : { position: at, cut: true }
    const token = take(TOKEN)
    const next: Expected | undefined = token === undefined ? undefined : step(expected, token, open)
    if (next === undefined) return faultAt(text, token === undefined ? at : at - token.length)
    expected = next
  }
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | 'comma or close' | 'end'

/** What may come after a token; undefined when the token itself may not come. */
function step(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  const behind = (): Expected => (open.length === 0 ? 'end' : 'comma or close')
  if (expected === ':') return token === ':' ? 'value' : undefined
  if (expected === 'comma or close' && token === ',') return open.at(-1) === '{' ? 'key' : 'value'
  if (token === '}' || token === ']') return close(expected, token, open) ? behind() : undefined
  if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? ':' : undefined
  if (expected !== 'value' && expected !== 'value or ]') return undefined
  if (token === '{' || token === '[') {
    open.push(token)
    return token === '{' ? 'key or }' : 'value or ]'
  }
  return token === ',' || token === ':' ? undefined : behind()
}

function close(expected: Expected, token: '}' | ']', open: ('{' | '[')[]): boolean {
  const empty = token === '}' ? 'key or }' : 'value or ]'
  const matches = open.at(-1) === (token === '}' ? '{' : '[')
  if (!matches || (expected !== 'comma or close' && expected !== empty)) return false
  open.pop()
  return true
}

/** What cannot go on only because the text ends is cut, not wrong. */
function faultAt(text: string, position: number): JsonFault {
  PART.lastIndex = position
  return PART.test(text) ? { position: text.length, cut: true } : { position, cut: false }
}

const SPACE = /[ \t\n\r]*/y
const TOKEN =
  /[{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.eE+-])|true|false|null/y
/** The beginning of a string, a number or a word, up to the end of the text. */
const PART =
  /(?:"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*(?:\\(?:u[0-9a-fA-F]{0,3})?)?|-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:(?<=\d)[eE][+-]?)?)?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?)$/y
