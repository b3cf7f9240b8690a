import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: ROOT }).sort()]

interface Page {
  readonly path: string
  readonly text: string
}

const pages: readonly Page[] = PAGES.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

describe('the documentation', () => {
  it('has only links that lead somewhere', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !leadsSomewhere(page, link))
        .map((link) => `${page.path}: ${link}`),
    )
    assert.deepEqual(broken, [])
  })

  it('names only files that exist', () => {
    const missing = pages.flatMap(({ path, text }) =>
      pathsIn(text)
        .filter((named) => !existsSync(join(ROOT, named)))
        .map((named) => `${path}: ${named}`),
    )
    assert.deepEqual(missing, [])
  })

  it('has examples that compile against the types of the package', async () => {
    const examples = pages.flatMap(examplesOf)
    assert.ok(examples.length > 5, 'there are examples')
    const directory = mkdirWithin('build/docs-examples-')
    try {
      for (const { name, code } of examples) {
        const path = join(directory, name)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, code)
      }
      writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(configFor(directory)))
      assert.equal(await compile(directory), '')
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

describe('the tree in CONTRIBUTING.md', () => {
  const named = treeOf(pages.find(({ path }) => path === 'CONTRIBUTING.md')?.text ?? '')

  it('names only what exists', () => {
    assert.ok(named.length > 10, 'there is a tree')
    const missing = named.filter((path) => !existsSync(join(ROOT, path)))
    assert.deepEqual(missing, [])
  })

  it('says which names are folders', () => {
    const wrong = named.filter((path) => existsSync(join(ROOT, path)) && isFolder(path) !== path.endsWith('/'))
    assert.deepEqual(wrong, [])
  })

  it('names every folder of sources', () => {
    const folders = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => `${dirname(file)}/`)
    const unnamed = [...new Set(folders)].filter((folder) => !folder.includes('/testing/') && !named.includes(folder))
    assert.deepEqual(unnamed, [])
  })
})

/** Targets of links to files or headings of this repository. */
function linksOf({ text }: Page): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string)
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere({ path }: Page, link: string): boolean {
  const [file = '', heading] = link.split('#')
  const target = file === '' ? path : join(dirname(path), file)
  if (!existsSync(join(ROOT, target))) return false
  return heading === undefined || headingsOf(readFileSync(join(ROOT, target), 'utf8')).includes(heading)
}

/** Headings as anchors, the way that GitHub makes them. */
function headingsOf(text: string): readonly string[] {
  const titles = [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '')
}

/** Paths of sources in running text, such as `src/lifecycle/run.ts`; with `<name>` in it, it is yet to come. */
function pathsIn(text: string): readonly string[] {
  const named = [...withoutCode(text).matchAll(/`((?:src|bench|fixtures|examples|scripts|docs)\/[^`\s]*)`/g)]
  return named.map((match) => match[1] as string).filter((path) => !path.includes('<'))
}

interface Example {
  readonly name: string
  readonly code: string
}

/** One file per fenced block of TypeScript. An export makes it a module, so that no block sees another's names. */
function examplesOf({ path, text }: Page): readonly Example[] {
  const stem = path.replace(/\.md$/, '').replaceAll('/', '-')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match, index) => ({
    name: `${stem}-${index + 1}.ts`,
    code: `${match[1]}\nexport {}\n`,
  }))
}

function mkdirWithin(prefix: string): string {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  return mkdtempSync(join(ROOT, prefix))
}

/** Examples are read as if they stood at the root of the repository. */
function configFor(directory: string): object {
  const root = relative(directory, ROOT)
  return {
    compilerOptions: {
      strict: true,
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      typeRoots: [`${root}/node_modules/@types`],
      rootDirs: ['.', root],
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['./*.ts'],
  }
}

/** What the compiler has to say: nothing when all is well. */
async function compile(directory: string): Promise<string> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', directory, '--pretty', 'false'])
    return stdout
  } catch (error) {
    const { stdout, message } = error as { stdout?: string; message: string }
    return stdout || message
  }
}

/** The paths of the fenced tree: two spaces a level, a name, then what it is. */
function treeOf(text: string): readonly string[] {
  const [, tree = ''] = /^```text\n(\S+\/[\s\S]*?)^```$/m.exec(text) ?? []
  const above: string[] = []
  return tree
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, indent = '', name = ''] = /^( *)(\S+)/.exec(line) ?? []
      const level = indent.length / 2
      above.length = level
      const path = above.join('') + name
      if (name.endsWith('/')) above[level] = name
      return path
    })
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path)).isDirectory()
}
