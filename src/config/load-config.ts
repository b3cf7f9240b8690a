import { existsSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SluiceError } from '../errors.ts'
import { configProblems } from './check-config.ts'
import type { SluiceConfig } from './config.ts'

export interface LoadedConfig {
  /** As people would write it. */
  readonly file: string
  readonly config: SluiceConfig
}

const NAMES = ['sluice.config.ts', 'sluice.config.mts', 'sluice.config.js', 'sluice.config.mjs']

/**
 * The configuration in the named file or else in `sluice.config.ts` (`.mts`, `.js`, `.mjs`) of the working directory;
 * undefined when there is none. A file is loaded once a process.
 *
 * @throws SluiceError `config-invalid`
 */
export async function loadConfig(named?: string): Promise<LoadedConfig | undefined> {
  const file = named ?? NAMES.find((name) => existsSync(name))
  if (file === undefined) return undefined
  const path = resolve(file)
  let loading = loaded.get(path)
  if (loading === undefined) {
    loading = load(path)
    loaded.set(path, loading)
  }
  return loading
}

const loaded = new Map<string, Promise<LoadedConfig>>()

async function load(path: string): Promise<LoadedConfig> {
  const file = shown(path)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw invalid(file, 'there is no such file; check --config and SLUICE_CONFIG.')
  }
  const { default: config } = await imported(path, file)
  if (config === undefined) throw invalid(file, 'it has no default export; write `export default defineConfig({ … })`.')
  const problems = configProblems(config)
  if (problems.length === 0) return { file, config: config as SluiceConfig }
  const text = problems.join('; ')
  throw invalid(file, text.endsWith('?') ? text : `${text}.`)
}

async function imported(path: string, file: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    throw invalid(file, `it cannot be loaded: ${name}: ${message}`, error)
  }
}

function invalid(file: string, what: string, cause?: unknown): SluiceError {
  return new SluiceError('config-invalid', `${file}: ${what}`, { context: { path: file }, cause })
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}
