import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareUtf8, type ListingPlace, type ListingQuery, listingPage } from './listing.ts'

/** Few characters, so that keys share prefixes; among them some whose order differs between UTF-8 and UTF-16. */
const name = fc.string({ unit: fc.constantFrom('a', 'B', '/', '-', 'é', 'ａ', '😀'), minLength: 1, maxLength: 6 })

const query = fc.record({
  prefix: fc.oneof(fc.constant(''), name),
  delimiter: fc.constantFrom('', '/', '-', '//', '😀'),
  startAfter: fc.oneof(fc.constant(''), name),
})

type ModelQuery = Pick<ListingQuery, 'prefix' | 'delimiter'> & { readonly startAfter: string }

describe('a listing', () => {
  it('is what the model says, on pages of any size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 40 }),
        query,
        fc.integer({ min: 1, max: 7 }),
        (keys, asked, most) => {
          assert.deepEqual(allPages(keys, asked, most), model(keys, asked))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('orders keys as their bytes are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const points = (text: string) => Array.from(text, (character) => character.codePointAt(0)!)
        assert.equal(Math.sign(compareUtf8(a, b)), compareNumbers(points(a), points(b)))
      }),
    )
  })

  it('goes on rightly after keys were added and removed between its pages', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 30 }), query, (keys, asked) => {
        const first = listingPage(keys, place(asked, 1))
        const changed = keys.filter((_, index) => index % 2 === 0).concat('a/a', '-')
        if (first.next === null) return
        const rest = listingPage(changed, { ...place(asked, 1000), after: first.next })
        const expected = model(changed, asked).filter((entry) => compareUtf8(entry, first.next!.name) > 0)
        assert.deepEqual(
          rest.entries.map((entry) => entry.name),
          expected,
        )
      }),
    )
  })

  it('is empty without room, and then over', () => {
    assert.deepEqual(listingPage(['a'], place({ prefix: '', delimiter: '', startAfter: '' }, 0)), {
      entries: [],
      next: null,
    })
  })
})

function place({ startAfter, ...rest }: ModelQuery, most: number): ListingQuery {
  return { ...rest, most, after: { name: startAfter, rolledUp: false } }
}

function allPages(keys: readonly string[], asked: ModelQuery, most: number): string[] {
  const names: string[] = []
  let after: ListingPlace | null = { name: asked.startAfter, rolledUp: false }
  while (after !== null) {
    const page: ReturnType<typeof listingPage> = listingPage(keys, { ...place(asked, most), after })
    assert.ok(page.entries.length <= most)
    assert.ok(page.next === null || page.entries.length === most)
    names.push(...page.entries.map((entry) => entry.name))
    after = page.next
  }
  return names
}

/** In the words of the documentation: filter, roll up, sort. */
function model(keys: readonly string[], { prefix, delimiter, startAfter }: ModelQuery): string[] {
  const left = keys.filter((key) => key.startsWith(prefix) && Buffer.from(key).compare(Buffer.from(startAfter)) > 0)
  const rolledUp = left.map((key) => {
    const [head, ...tail] = delimiter === '' ? [key] : key.slice(prefix.length).split(delimiter)
    return tail.length === 0 ? key : `${prefix}${head}${delimiter}`
  })
  return [...new Set(rolledUp)].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)))
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== b[index])
  if (at < 0) return Math.sign(a.length - b.length)
  return at >= b.length ? 1 : Math.sign(a[at]! - b[at]!)
}
