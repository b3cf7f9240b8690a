/**
 * The target of the first link with this relation in a `Link` field (RFC 8288), as it stands there: it may be relative.
 * Follows the algorithm of appendix B.2, which takes whatever can be understood. Links about another resource, with an
 * `anchor`, do not count.
 */
export function linkTarget(field: string, relation: string): string | undefined {
  for (const { target, parameters } of parseLinks(field)) {
    if (parameters.has('anchor')) continue
    const relations = (parameters.get('rel') ?? '').toLowerCase().split(/[ \t]+/)
    if (relations.includes(relation)) return target
  }
  return undefined
}

export interface Link {
  readonly target: string
  /** Names in lower case; of several with one name the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/** All links of a field. Ends at the first that does not begin as one. */
export function* parseLinks(field: string): Generator<Link, void, void> {
  const scanner = new Scanner(field)
  for (;;) {
    // Empty elements of a list are allowed.
    scanner.skip(/[\t ,]*/y)
    const target = scanner.take(/<([^>]*)>/y)
    if (target === undefined) return
    yield { target, parameters: parametersOf(scanner) }
    // What stands between the parameters and the next comma means nothing.
    scanner.skip(/[^,]*/y)
  }
}

function parametersOf(scanner: Scanner): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  while (scanner.skip(/[\t ]*;[\t ]*/y)) {
    const name = scanner.take(/([^\t =;,"]+)[\t ]*/y)?.toLowerCase()
    if (name === undefined) continue
    const value = scanner.skip(/=[\t ]*/y) ? parameterValue(scanner) : ''
    if (!parameters.has(name)) parameters.set(name, value)
  }
  return parameters
}

function parameterValue(scanner: Scanner): string {
  const quoted = scanner.take(/"((?:[^"\\]|\\[\s\S])*)(?:"|\\?$)/y)
  if (quoted !== undefined) return quoted.replace(/\\([\s\S])/g, '$1')
  return scanner.take(/([^;,]*)/y)?.trimEnd() ?? ''
}

/** Goes through a text by sticky expressions. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The first group, if the expression matches here; then the place is behind the match. */
  take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at
    const match = expression.exec(this.#text)
    if (match === null) return undefined
    this.#at = expression.lastIndex
    return match[1] ?? ''
  }

  /** Whether there was something to pass over. */
  skip(expression: RegExp): boolean {
    const before = this.#at
    this.take(expression)
    return this.#at > before
  }
}
