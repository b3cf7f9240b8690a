import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { linkTarget, parseLinks } from './link-header.ts'

const KNOWN: readonly [string, string | undefined][] = [
  ['<https://a.org/?page=2>; rel="next"', 'https://a.org/?page=2'],
  ['<a>; rel="next" , <b>; rel=prev', 'a'],
  ['<a>; crossorigin; rel=next', 'a'],
  ['<a>;REL=NEXT', 'a'],
  ['<a>; rel = next ; title = x', 'a'],
  ['<a,b;c>; rel="prev next last"', 'a,b;c'],
  ['<a>; rel=prev; rel=next', undefined],
  ['<a>; rel=prev, <b>; rel=next', 'b'],
  [',, <a>; title="<x>; rel=next, \\" "; rel=first,,<b>; rel=next,', 'b'],
  ['<a>; rel=next; anchor="#x", <b>; rel=next', 'b'],
  ["<a>; title*=UTF-8'de'n%c3%a4chste; rel=next", 'a'],
  ['<a>; title="never closed; rel=next', undefined],
  ['<>; rel=next', ''],
  ['a; rel=next', undefined],
  ['<a; rel=next', undefined],
  ['<a>', undefined],
  ['', undefined],
]

/** Characters of RFC 9110's tokens, and anything that a quoted string can hold. */
const token = fc.stringMatching(/^[a-z][\w.-]{0,8}$/)
const text = fc.string({ maxLength: 12 })
const parameter = fc.record({ name: token, value: fc.option(text, { nil: undefined }) })
const link = fc.record({
  target: fc.string({ maxLength: 20 }).map((one) => one.replaceAll('>', '')),
  parameters: fc.array(parameter, { maxLength: 4 }),
  relations: fc.uniqueArray(token, { minLength: 1, maxLength: 3 }),
})
const blank = fc.constantFrom('', ' ', '\t ')

describe('a Link field', () => {
  for (const [field, target] of KNOWN) {
    it(`leads ${target === undefined ? 'nowhere' : `to "${target}"`}: ${field}`, () => {
      assert.equal(linkTarget(field, 'next'), target)
    })
  }

  it('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 4 }), blank, (links, space) => {
        const field = links.map((one) => written(one, space)).join(`${space},${space}`)
        assert.deepEqual(
          [...parseLinks(field)].map(({ target, parameters }) => ({
            target,
            parameters: Object.fromEntries(parameters),
          })),
          links.map(meant),
        )
      }),
    )
  })

  it('of any text is read to its end, in time', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (field) => void [...parseLinks(field)]))
    for (const part of ['<a>;', ';', '<', '"\\', ' ,', '<a>;x="', '= ']) void [...parseLinks(part.repeat(20_000))]
  })
})

interface Written {
  readonly target: string
  readonly parameters: readonly { readonly name: string; readonly value: string | undefined }[]
  readonly relations: readonly string[]
}

function written({ target, parameters, relations }: Written, space: string): string {
  const all = [{ name: 'rel', value: relations.join(' ') }, ...parameters]
  const text = all.map(({ name, value }) =>
    value === undefined ? name : `${name}${space}=${space}"${value.replace(/["\\]/g, '\\$&')}"`,
  )
  return `<${target}>${text.map((one) => `${space};${space}${one}`).join('')}`
}

/** Of several parameters with one name the first counts, and `rel` is written first. */
function meant({ target, parameters, relations }: Written) {
  const named = [{ name: 'rel', value: relations.join(' ') }, ...parameters]
  const entries = named.map(({ name, value = '' }) => [name.toLowerCase(), value] as const)
  return { target, parameters: Object.fromEntries(entries.reverse()) }
}
