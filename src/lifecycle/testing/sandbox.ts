import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Settlement } from '../finish.ts'
import type { DriverOptions } from './run-driver.ts'

const DRIVER = fileURLToPath(new URL('./run-driver.ts', import.meta.url))

const CACHE = join(tmpdir(), 'sluice-test-cache')

/** A directory of one test's own, gone when the test is over. */
export function sandbox(name: string): { path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `sluice-${name}-`)))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Starts the driver as a process of its own, without a loader: Node strips the types itself. */
export function start(options: DriverOptions, crashAt?: string, before: readonly string[] = []): ChildProcess {
  // With the cache a child starts in half the time.
  const environment = { ...process.env, SLUICE_CRASH_AT: crashAt ?? '', NODE_COMPILE_CACHE: CACHE }
  const [command, ...words] = [...before, process.execPath, '--no-warnings', DRIVER, JSON.stringify(options)]
  return spawn(command!, words, {
    env: environment,
    stdio: ['ignore', 'pipe', options.target === '-' ? 'ignore' : 'inherit'],
  })
}

/** The words before a command under which root, too, must ask for permission: none for anybody else. */
export function powerless(): readonly string[] {
  return process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []
}

/** The words before a command that is another user's; undefined when this process may not or the sources are closed. */
export function otherUser(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return undefined
  const words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const script = `import { accessSync } from 'node:fs'; accessSync(${JSON.stringify(DRIVER)})`
  const probe = [...words.slice(1), process.execPath, '--input-type=module', '-e', script]
  return spawnSync(words[0]!, probe, { cwd: '/' }).status === 0 ? words : undefined
}

export interface Ended {
  readonly killed: boolean
  /** What the driver printed: of a settlement, or what it threw. */
  readonly result: {
    readonly status?: string
    readonly thrown?: string
    readonly message?: string
  } & Partial<Settlement>
}

export async function ended(child: ChildProcess): Promise<Ended> {
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const signal = await new Promise((done) => child.on('close', (_code, by) => done(by)))
  return { killed: signal === 'SIGKILL', result: output === '' ? {} : JSON.parse(output) }
}

/** What a reader sees that resolves the path once; null when nothing is there. */
export function readTarget(target: string): string | null {
  try {
    if (!target.endsWith('/')) return readFileSync(target, 'utf8')
    const version = realpathSync(target.slice(0, -1))
    return readdirSync(version)
      .sort()
      .map((name) => readFileSync(join(version, name), 'utf8'))
      .join('')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Everything hidden beside a target, locks included, but the versions of a directory that ought to be there: the last
 * two of those that were published, in their order. Names them too if they are missing.
 */
export function leftovers(directory: string, published: readonly string[] = []): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('.'))
    .flatMap((name) => {
      if (!name.endsWith('.versions')) return [name]
      const found = readdirSync(join(directory, name))
      const kept = published.slice(-2)
      // Without a version even their directory must be gone.
      const strays = found.length === 0 ? [''] : found.filter((version) => !kept.includes(version))
      const missing = kept.filter((version) => !found.includes(version)).map((version) => `${version} is missing`)
      return [...strays, ...missing].map((what) => `${name}/${what}`)
    })
}

/** What may stay in a state directory when all is settled. */
const SETTLED =
  /^(pruned|(settled\/[^/]+\/journal\.jsonl)|((ledger|audit)\/[^/]+\.json)|(dead-letters\/[^./][^/]*\.jsonl))$/

/** Files of a state directory that no settled run leaves: journals and scratch of open runs, leases, locks, halves. */
export function unsettled(state: string): string[] {
  if (!existsSync(state)) return []
  return readdirSync(state, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: relative(state, join(entry.parentPath, entry.name)) }))
    .filter(({ entry, path }) => (entry.isDirectory() ? /^(runs|leases)\/|\/scratch$/.test(path) : !SETTLED.test(path)))
    .map(({ path }) => path)
}
