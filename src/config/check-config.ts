import { catalogProblems } from './check-catalogs.ts'
import { BOOLEAN, type OptionCheck, type OptionChecks, oneOf, TEXT, unknownName } from './check-options.ts'
import { type DatasetConfig, type EnvironmentConfig, FORMATS, LAYERS, type SluiceConfig } from './config.ts'
import { ENVIRONMENTS } from './environments.ts'

type Fields = Readonly<Record<string, unknown>>

/** All that is wrong with a configuration, each with the way to the key. */
export function configProblems(config: unknown): readonly string[] {
  if (!isObject(config)) return ['it must export an object; write `export default defineConfig({ … })`']
  const { environments = {}, datasets = {} } = config
  const names = [...ENVIRONMENTS, ...(isObject(environments) ? Object.keys(environments) : [])]
  return [
    ...problems('', config, { ...TOP_CHECKS, environment: oneOf(...names) }),
    ...(config['catalogs'] === undefined ? [] : catalogProblems('catalogs', config['catalogs'])),
    ...entries('environments', environments, (name, environment) => [
      ...(ENVIRONMENT_NAME.test(name) ? [] : [`environments: a name is small letters, digits and "-", not "${name}"`]),
      ...problems(`environments.${name}`, environment, SETTING_CHECKS),
      ...(isObject(environment) && environment['catalogs'] !== undefined
        ? catalogProblems(`environments.${name}.catalogs`, environment['catalogs'])
        : []),
    ]),
    ...entries('datasets', datasets, (name, dataset) => [
      ...(DATASET_NAME.test(name) ? [] : [`datasets: a name is letters, digits, "_" and "-", not "${name}"`]),
      ...datasetProblems(`datasets.${name}`, dataset, names),
    ]),
  ]
}

/** Undefined when the value of a setting is what it may be. */
export function settingProblem(name: keyof EnvironmentConfig, value: unknown): string | undefined {
  const { wanted, accepts } = SETTING_CHECKS[name]
  return value === undefined || accepts(value) ? undefined : `must be ${wanted}`
}

export const DATASET_NAME: RegExp = /^[\w-]+$/
const ENVIRONMENT_NAME = /^[a-z][a-z0-9-]{0,30}$/

const ANYTHING: OptionCheck = { wanted: '', accepts: () => true }

const SETTING_CHECKS: OptionChecks<EnvironmentConfig> = {
  buckets: {
    wanted: 'a template with {layer} in it, such as s3://data-lake-{env}-{layer}',
    accepts: (value) => isText(value) && value.includes('{layer}') && !/\{(?!env\}|layer\})/.test(value),
  },
  region: { wanted: 'a region such as eu-central-1', accepts: (value) => isText(value) && /^[a-z0-9-]+$/.test(value) },
  endpoint: { wanted: 'a URL such as http://localhost:9000, without a password', accepts: isEndpoint },
  pathStyle: BOOLEAN,
  deadLetters: TEXT,
  notify: {
    wanted: 'a list of ARNs of SNS topics and URLs of webhooks, without a password',
    accepts: (value) => Array.isArray(value) && value.every((place) => isText(place) && isListener(place)),
  },
  audit: TEXT,
  state: TEXT,
  // What stands one level deeper is checked by itself.
  catalogs: ANYTHING,
  dataDir: TEXT,
}

/** So it is here. */
const TOP_CHECKS: OptionChecks<Omit<SluiceConfig, 'environment'>> = {
  ...SETTING_CHECKS,
  environments: ANYTHING,
  datasets: ANYTHING,
}

const DATASET_CHECKS: OptionChecks<DatasetConfig> = {
  layer: oneOf(...LAYERS),
  format: oneOf(...FORMATS),
  options: { wanted: 'an object', accepts: isObject },
  locations: { wanted: 'a location by environment', accepts: isObject },
}

function datasetProblems(where: string, dataset: unknown, environments: readonly string[]): readonly string[] {
  const layers = Array.isArray(dataset) ? dataset : [dataset]
  const places = layers.map((layer) => (isObject(layer) && isObject(layer['locations']) ? layer['locations'] : {}))
  const used = layers.map((layer) => (isObject(layer) ? (layer['layer'] ?? 'bronze') : undefined))
  const twice = used.find((layer, i) => layer !== undefined && used.indexOf(layer) < i)
  return [
    ...layers.flatMap((layer) => problems(where, layer, DATASET_CHECKS)),
    ...(twice === undefined ? [] : [`${where} has the layer ${twice} twice`]),
    ...places.flatMap((locations) =>
      problems(`${where}.locations`, locations, Object.fromEntries(environments.map((name) => [name, TEXT]))),
    ),
  ]
}

function entries(
  where: string,
  value: unknown,
  check: (name: string, entry: unknown) => readonly string[],
): readonly string[] {
  if (!isObject(value)) return [`${where} must be an object, by name`]
  return Object.entries(value).flatMap(([name, entry]) => check(name, entry))
}

function problems(where: string, value: unknown, checks: Readonly<Record<string, OptionCheck>>): readonly string[] {
  if (!isObject(value)) return [`${where} must be an object`]
  return Object.entries(value).flatMap(([name, given]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined)
      return [`${where === '' ? '' : `${where}: `}${unknownName('key', name, Object.keys(checks))}`]
    const place = where === '' ? name : `${where}.${name}`
    return given === undefined || check.accepts(given) ? [] : [`${place} must be ${check.wanted}`]
  })
}

function isEndpoint(value: unknown): boolean {
  if (!isText(value) || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username === '' && password === ''
}

function isListener(place: string): boolean {
  return /^arn:aws[\w-]*:sns:[\w-]+:\d+:[\w-]+(\.fifo)?$/.test(place) || isEndpoint(place)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
