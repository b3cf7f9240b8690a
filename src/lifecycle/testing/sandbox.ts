import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
export function start(options: DriverOptions, crashAt?: string, uid?: number): ChildProcess {
  // With the cache a child starts in half the time.
  const environment = { ...process.env, SLUICE_CRASH_AT: crashAt ?? '', NODE_COMPILE_CACHE: CACHE }
  return spawn(process.execPath, ['--no-warnings', DRIVER, JSON.stringify(options)], {
    env: environment,
    stdio: ['ignore', 'pipe', options.target === '-' ? 'ignore' : 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
}

/** Another user's id under which the driver can be started; undefined when this process may not or cannot. */
export function otherUser(): number | undefined {
  const nobody = 65534
  if (process.getuid?.() !== 0) return undefined
  const probe = [
    '--input-type=module',
    '-e',
    `import { accessSync } from 'node:fs'; accessSync(${JSON.stringify(DRIVER)})`,
  ]
  const { status } = spawnSync(process.execPath, probe, { uid: nobody, gid: nobody, cwd: '/' })
  return status === 0 ? nobody : undefined
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

/** Everything that Sluice put beside a target, published versions of a directory excepted. */
export function leftovers(directory: string): string[] {
  const beside = readdirSync(directory).filter((name) => name.startsWith('.') && !name.endsWith('.versions'))
  const versions = readdirSync(directory).filter((name) => name.endsWith('.versions'))
  const within = versions.flatMap((name) => readdirSync(join(directory, name)).map((entry) => join(name, entry)))
  return [...beside, ...within.filter((name) => name.endsWith('.json') || name.endsWith('~link'))]
}

/** Runs that a state directory does not count as settled. */
export function unsettled(state: string): string[] {
  return ['runs', 'leases'].flatMap((name) => (existsSync(join(state, name)) ? readdirSync(join(state, name)) : []))
}
