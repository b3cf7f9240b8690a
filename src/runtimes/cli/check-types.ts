import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire, findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { SluiceError } from '../../errors.ts'

/**
 * Checks the types of a job file with the TypeScript that its project has, under the project's own settings. Does
 * nothing where there is none: Sluice itself runs without. Throws `job-invalid` after a line for each type error.
 */
export async function checkTypes(location: string): Promise<void> {
  const path = resolve(location)
  const compiler = /\.[cm]?ts$/.test(path) ? findCompiler(path) : undefined
  if (compiler === undefined) return
  const errors = await typeErrors(path, compiler)
  if (errors.length === 0) return
  for (const line of errors) process.stderr.write(`${line}\n`)
  const count = errors.length === 1 ? 'a type error' : `${errors.length} type errors`
  throw new SluiceError('job-invalid', `${location} has ${count}; the first: ${errors[0]}`)
}

/** The program of the package, for versions differ in what they offer to other programs. */
function findCompiler(path: string): string | undefined {
  const manifest = findPackage('typescript', path)
  if (manifest === undefined) return undefined
  const { bin } = createRequire(path)(manifest) as { bin?: { tsc?: string } }
  return bin?.tsc === undefined ? undefined : join(dirname(manifest), bin.tsc)
}

function findPackage(name: string, path: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(path).href)
  } catch {
    // It throws where there is no such package.
    return undefined
  }
}

async function typeErrors(path: string, compiler: string): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-types-'))
  try {
    const config = join(directory, 'tsconfig.json')
    await writeFile(config, JSON.stringify(configFor(path)))
    const { stdout } = await compile([compiler, '-p', config, '--pretty', 'false'])
    return told(stdout)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A line for each error, with the deepest of the lines that explain it: that one names the column, and what was meant. */
function told(output: string): string[] {
  const errors: string[] = []
  for (const [, head, reasons = ''] of output.matchAll(/^(\S.*)\n((?: .*\n)*)/gm)) {
    const [, file = '', line, column, code, text] = HEAD.exec(head as string) ?? []
    if (code === undefined) continue
    const place = `${relative(process.cwd(), resolve(file))}:${line}:${column}`
    errors.push([place, text, ...deepest(reasons), `(${code})`].join(' '))
  }
  return errors
}

const HEAD = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.+)$/

function deepest(reasons: string): readonly string[] {
  const lines = reasons.split('\n').filter((line) => line !== '')
  const depth = (line: string) => line.search(/\S/)
  const most = Math.max(...lines.map(depth))
  return lines
    .filter((line) => depth(line) === most)
    .slice(-1)
    .map((line) => line.trim())
}

/** A compiler that finds errors exits with 1 or 2, which is an answer and no failure. */
async function compile(args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await promisify(execFile)(process.execPath, args, { cwd: process.cwd(), maxBuffer: 1 << 24 })
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    if (stdout) return { stdout }
    throw new SluiceError('internal', `The TypeScript compiler failed: ${(error as Error).message}`, { cause: error })
  }
}

function configFor(path: string): object {
  const project = ancestors(path)
    .map((directory) => join(directory, 'tsconfig.json'))
    .find((config) => existsSync(config))
  // The config lies elsewhere, so what is looked up beside it must be named.
  const typeRoots = ancestors(path).map((directory) => join(directory, 'node_modules/@types'))
  return {
    ...(project === undefined ? {} : { extends: project }),
    files: [path],
    include: [],
    compilerOptions: {
      ...(project === undefined ? STRICT : {}),
      ...(findPackage('sluice', path) === undefined ? { paths: { sluice: [OWN_TYPES] } } : {}),
      typeRoots: typeRoots.filter((directory) => existsSync(directory)),
      noEmit: true,
      skipLibCheck: true,
    },
  }
}

/** What Node.js can run, checked as strictly as a job deserves. */
const STRICT = {
  strict: true,
  target: 'esnext',
  module: 'nodenext',
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
}

const OWN_TYPES = fileURLToPath(new URL('../../index.d.ts', import.meta.url))

function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...ancestors(parent)]
}
