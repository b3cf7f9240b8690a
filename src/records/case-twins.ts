/** The first two of the names that differ in upper and lower case alone: many programs take both for one column. */
export function caseTwins(names: readonly string[]): readonly [first: string, second: string] | undefined {
  const known = new Map<string, string>()
  for (const name of names) {
    const twin = known.get(name.toLowerCase())
    if (twin !== undefined) return [twin, name]
    known.set(name.toLowerCase(), name)
  }
  return undefined
}
