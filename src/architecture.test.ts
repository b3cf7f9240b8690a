import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'

/** Each room may import from itself and from what stands behind it; rooms on one line never import one another. */
const ORDER: readonly (readonly string[])[] = [
  ['runtimes', 'index'],
  ['lifecycle'],
  ['sources', 'transforms', 'sinks'],
  ['validation'],
  ['storage'],
  ['parquet'],
  ['records'],
  ['config'],
  ['context'],
  ['errors'],
]

const SOURCE = join(import.meta.dirname)

interface Import {
  readonly from: string
  readonly to: string
}

const files = globSync('**/*.ts', { cwd: SOURCE }).filter(
  (file) => !/\.(test|bench|contract)\.ts$|\.d\.ts$|(^|\/)(testing|assembly)\//.test(file),
)
const imports = files.flatMap(importsOf)

describe('the architecture', () => {
  it('lets imports point one way only, types included', () => {
    const wrong = imports.filter(({ from, to }) => !allowed(roomOf(from), roomOf(to)))
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} → ${to}`),
      [],
    )
  })

  it('has no circle of imports', () => {
    const targets = Map.groupBy(imports, ({ from }) => from)
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      else if (!done.has(file)) {
        for (const { to } of targets.get(file) ?? []) visit(to, [...path, file])
        done.add(file)
      }
    }
    for (const file of files) visit(file, [])
    assert.deepEqual(circles, [])
  })

  it('sees every way to name another file', () => {
    const text = `
      import { a } from './a.ts'
      import './b.ts'
      export * from '../c/c.ts'
      import type { D } from '../d.ts'
      const { e } = await import('./e.ts')
      new Worker(new URL('./f.ts', import.meta.url))
      const g = compiled ? './g.js' : './g.ts'
      import { h } from 'sluice'
      const { i } = await import('sluice')
      import { j } from 'node:fs'
      if (specifier === 'sluice') return
    `
    const files = ['./a.ts', './b.ts', '../c/c.ts', '../d.ts', './e.ts', './f.ts', './g.ts']
    assert.deepEqual(namedIn(text), [...files, 'sluice', 'sluice'])
    const worker = imports.find(
      ({ from, to }) => from === 'storage/start-io-thread.ts' && to === 'storage/io-thread.ts',
    )
    assert.ok(worker, 'the thread of the I/O is seen')
  })

  it('knows every room', () => {
    const known = ORDER.flat()
    const strange = files.map(roomOf).filter((room) => !known.includes(room))
    assert.deepEqual(strange, [])
  })
})

function allowed(from: string, to: string): boolean {
  if (from === to) return true
  const level = (room: string) => ORDER.findIndex((rooms) => rooms.includes(room))
  return level(from) < level(to)
}

/** The first folder, or the name of a file at the top. */
function roomOf(file: string): string {
  const [first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}

function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(SOURCE, from), 'utf8')
  return namedIn(text).map((path) => ({
    from,
    to: path === 'sluice' ? 'index.ts' : normalize(join(dirname(from), path)),
  }))
}

/** Whatever names a file of ours, `new URL` of a worker as well, and the package that we are. */
function namedIn(text: string): readonly string[] {
  const files = text.matchAll(/'(\.{1,2}\/[^'\n]+(?<!\.d)\.ts)'/g)
  const own = text.matchAll(/\b(?:from|import)\s*\(?\s*'(sluice)'/g)
  return [...files, ...own].map((match) => match[1] as string)
}
