import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '../../../..')
const MAIN = join(ROOT, 'build/runtimes/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SluiceOptions {
  readonly cwd: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** The words before the command, such as those that take rights away. */
  readonly before?: readonly string[]
}

/** Runs the built command as a process of its own. */
export function sluice(args: readonly string[], options: SluiceOptions): Promise<Ended> {
  const child = startSluice(args, options)
  // A command that fails at once does not wait for its input.
  child.stdin?.on('error', () => {}).end(options.input ?? '')
  return ended(child)
}

/** With stdin left open. */
export function startSluice(args: readonly string[], { cwd, env = {}, before = [] }: SluiceOptions): ChildProcess {
  const [command, ...words] = [...before, process.execPath, MAIN, ...args]
  return spawn(command!, words, { cwd, env: { ...process.env, NO_COLOR: '1', ...env } })
}

/** Runs a line of shell in which `sluice` is the built command. */
export function shell(line: string, { cwd }: SluiceOptions): Promise<Ended> {
  const script = `sluice() { "${process.execPath}" "${MAIN}" "$@"; }\n${line}`
  return ended(spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))
}

export function ended(child: ChildProcess): Promise<Ended> {
  const chunks = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    chunks.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    chunks.stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...chunks }))
  })
}

/** A directory with some files, which goes when the test is over. */
export function workspace(files: Readonly<Record<string, string>> = {}): Disposable & { readonly cwd: string } {
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return { cwd, [Symbol.dispose]: () => rmSync(cwd, { recursive: true, force: true }) }
}

/** The lines of stderr that are no log lines. */
export function plainLines({ stderr }: Ended): readonly string[] {
  return stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
}

export function jsonLines(text: string): readonly Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line))
}

/** Builds what is older than its source. Test files run side by side: the first one builds, the others wait. */
export async function ensureBuilt(): Promise<void> {
  const lock = join(ROOT, 'build/.building')
  mkdirSync(dirname(lock), { recursive: true })
  for (let waited = 0; isStale(); waited += 50) {
    if (!taken(lock)) {
      try {
        execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'pipe' })
        return
      } finally {
        rmSync(lock, { recursive: true })
      }
    }
    if (waited > 60_000) throw new Error(`${lock} is in the way: is another build at work? If not, delete it.`)
    await sleep(50)
  }
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock)
    return false
  } catch {
    // Whatever the reason, this process is not the one that builds.
    return true
  }
}

function isStale(): boolean {
  const built = statSync(MAIN, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/\.test\.ts$|\/testing\//.test(file))
  return sources.some((file) => statSync(join(ROOT, file)).mtimeMs > built)
}
