/** The known name that was most likely meant by one that is not known; undefined when none is near. */
export function nearMiss(name: string, known: readonly string[]): string | undefined {
  const typed = bare(name)
  const ranked = known.map((candidate) => ({ candidate, distance: distance(typed, bare(candidate)) }))
  const [nearest] = ranked.sort((a, b) => a.distance - b.distance)
  return nearest !== undefined && nearest.distance <= Math.min(3, typed.length / 3) ? nearest.candidate : undefined
}

/** `required_columns` is `requiredColumns` to people who come from elsewhere. */
function bare(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** How many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (above[j] as number) + 1, (row[j - 1] as number) + 1))
    }
  }
  return row.at(-1) as number
}
