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
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string)
  const paths = specifiers.map((specifier) => normalize(join(dirname(from), specifier)))
  return paths.filter((path) => path.endsWith('.ts')).map((to) => ({ from, to }))
}
