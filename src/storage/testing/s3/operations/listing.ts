export interface ListingQuery {
  readonly prefix: string
  /** Empty for none. */
  readonly delimiter: string
  /** Where a page begins: behind a key, or behind all keys of a prefix that were rolled up. */
  readonly after: ListingPlace
  readonly most: number
}

export interface ListingPlace {
  readonly name: string
  readonly rolledUp: boolean
}

/** A key, or the common prefix of several: up to the delimiter behind the prefix that was asked for. */
export type ListingEntry = ListingPlace

export interface ListingPage {
  readonly entries: readonly ListingEntry[]
  /** Where the next page begins; null when this is the last one. */
  readonly next: ListingPlace | null
}

/** One page of keys, in the order of their bytes in UTF-8. Common prefixes stand among them and count as one each. */
export function listingPage(keys: Iterable<string>, query: ListingQuery): ListingPage {
  const entries: ListingEntry[] = []
  for (const key of [...keys].filter((key) => isListed(key, query)).sort(compareUtf8)) {
    const entry = entryOf(key, query)
    const last = entries.at(-1)
    if (last !== undefined && entry.rolledUp && last.rolledUp && last.name === entry.name) continue
    if (entries.length >= query.most) return { entries, next: last ?? null }
    entries.push(entry)
  }
  return { entries, next: null }
}

function isListed(key: string, { prefix, after }: ListingQuery): boolean {
  if (!key.startsWith(prefix) || (after.rolledUp && key.startsWith(after.name))) return false
  return after.name === '' || compareUtf8(key, after.name) > 0
}

/** Strings compare by UTF-16 units, which puts characters beyond the first 65,536 elsewhere. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function entryOf(key: string, { prefix, delimiter }: ListingQuery): ListingEntry {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return at < 0 ? { name: key, rolledUp: false } : { name: key.slice(0, at + delimiter.length), rolledUp: true }
}
