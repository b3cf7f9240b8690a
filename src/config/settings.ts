import type { Environment } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { settingProblem } from './check-config.ts'
import type { EnvironmentConfig, SluiceConfig } from './config.ts'
import { checkEnvironment } from './environments.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'

/** A value, and who says so. */
export interface Setting<T> {
  readonly value: T
  readonly from: 'flag' | 'variable' | 'file' | 'default'
  /** Of the flag, the variable or the file. */
  readonly name: string
}

type EnvironmentSettings = { readonly [K in keyof EnvironmentConfig]-?: Setting<EnvironmentConfig[K]> }

/** All that a run needs to know of its surroundings. `{env}` is replaced. */
export interface Settings extends EnvironmentSettings {
  readonly environment: Setting<Environment>
  readonly buckets: Setting<string>
  readonly state: Setting<string>
  readonly dataDir: Setting<string>
  readonly datasets: NonNullable<SluiceConfig['datasets']>
  /** Of the configuration; undefined when there is none. */
  readonly file: string | undefined
}

/** What whoever starts a run asks for: the flags of the command, the options of the library. */
export interface SettingFlags {
  readonly config?: string | undefined
  readonly environment?: string | undefined
  readonly state?: string | undefined
  readonly deadLetters?: string | undefined
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Flags come before variables, variables before the configuration file, that before the defaults. An empty variable is
 * none. Loads the configuration file if there is one.
 *
 * @throws SluiceError `config-invalid`, `environment-unavailable`
 */
export async function resolveSettings(flags: SettingFlags = {}, variables: Variables = process.env): Promise<Settings> {
  const loaded = await loadConfig(flags.config ?? (variables['SLUICE_CONFIG'] || undefined))
  const environment = environmentOf(flags, variables, loaded)
  const given = { state: flags.state, deadLetters: flags.deadLetters } as EnvironmentConfig
  const sources = { given, variables, loaded, environment: environment.value }
  const setting = (key: keyof EnvironmentConfig) => resolveSetting(key, sources)
  return {
    environment,
    buckets: setting('buckets'),
    region: setting('region'),
    endpoint: setting('endpoint'),
    pathStyle: setting('pathStyle'),
    deadLetters: setting('deadLetters'),
    notify: setting('notify'),
    audit: setting('audit'),
    state: setting('state'),
    catalogs: setting('catalogs'),
    dataDir: setting('dataDir'),
    datasets: loaded?.config.datasets ?? {},
    file: loaded?.file,
  }
}

interface SettingRow {
  readonly flag?: string
  readonly variable?: string
  readonly parse?: (text: string) => unknown
  readonly fallback?: string
}

const ROWS: Readonly<Record<keyof EnvironmentConfig, SettingRow>> = {
  buckets: { variable: 'SLUICE_BUCKET_TEMPLATE', fallback: 's3://data-lake-{env}-{layer}' },
  region: { variable: 'SLUICE_REGION' },
  endpoint: { variable: 'SLUICE_ENDPOINT' },
  pathStyle: { variable: 'SLUICE_PATH_STYLE', parse: (text) => TRUTH.get(text) ?? text },
  deadLetters: { flag: '--dlq', variable: 'SLUICE_DEAD_LETTERS' },
  notify: { variable: 'SLUICE_NOTIFY', parse: (text) => text.split(',').map((place) => place.trim()) },
  audit: { variable: 'SLUICE_AUDIT' },
  state: { flag: '--state', variable: 'SLUICE_STATE', fallback: '.sluice' },
  catalogs: {},
  dataDir: { variable: 'SLUICE_DATA_DIR', fallback: 'fixtures' },
}

/** What is neither is refused with the words of the check. */
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function environmentOf(flags: SettingFlags, variables: Variables, loaded?: LoadedConfig): Setting<Environment> {
  const { environment: ofFile, environments = {} } = loaded?.config ?? {}
  const variable = variables['SLUICE_ENV'] || undefined
  const known = (name: string) => checkEnvironment(name, Object.keys(environments))
  if (flags.environment !== undefined) return { value: known(flags.environment), from: 'flag', name: '--env' }
  if (variable !== undefined) return { value: known(variable), from: 'variable', name: 'SLUICE_ENV' }
  if (ofFile !== undefined) return { value: ofFile, from: 'file', name: loaded?.file as string }
  return { value: 'local', from: 'default', name: 'default' }
}

interface Sources {
  readonly given: EnvironmentConfig
  readonly variables: Variables
  readonly loaded: LoadedConfig | undefined
  readonly environment: string
}

/** Of whatever kind the setting is: every value has passed the check of its key. */
function resolveSetting(
  key: keyof EnvironmentConfig,
  { given, variables, loaded, environment }: Sources,
): Setting<never> {
  const { flag = '', variable = '', parse = (text) => text, fallback } = ROWS[key]
  const put = (value: unknown, from: Setting<never>['from'], name: string): Setting<never> => {
    return { value: expanded(value, environment) as never, from, name }
  }
  if (given[key]) return put(given[key], 'flag', flag)
  const text = variables[variable]
  if (text) return put(checked(key, parse(text), variable), 'variable', variable)
  const ofFile = loaded?.config.environments?.[environment]?.[key] ?? loaded?.config[key]
  if (ofFile !== undefined) return put(ofFile, 'file', loaded?.file as string)
  return put(fallback, 'default', 'default')
}

function checked(key: keyof EnvironmentConfig, value: unknown, variable: string): unknown {
  const problem = settingProblem(key, value)
  if (problem === undefined) return value
  throw new SluiceError('config-invalid', `${variable} ${problem}.`)
}

function expanded(value: unknown, environment: string): unknown {
  if (typeof value === 'string') return value.replaceAll('{env}', environment)
  if (Array.isArray(value)) return value.map((part) => expanded(part, environment))
  // A secret is no plain object.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, expanded(part, environment)]))
}
