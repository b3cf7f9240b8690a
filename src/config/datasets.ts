import { SluiceError } from '../errors.ts'
import { DATASET_NAME } from './check-config.ts'
import { checkOptions, type OptionChecks, oneOf, TEXT } from './check-options.ts'
import { type DatasetConfig, type DatasetFormat, LAYERS, type Layer } from './config.ts'
import type { Settings } from './settings.ts'

export interface PlaceOptions {
  /** Default: what the configuration says, else bronze for a dataset and silver for a target. */
  readonly layer?: Layer
  /** Where it lies in the environment `local`. */
  readonly localPath?: string
}

/** A dataset as it is in one layer of one environment. */
export interface Dataset {
  readonly name: string
  readonly layer: Layer
  readonly location: string
  readonly format: DatasetFormat
  readonly options: Readonly<Record<string, unknown>>
}

/** What a job reads. Throws `dataset-not-found`, `job-invalid`. */
export function findDataset(settings: Settings, name: string, options: PlaceOptions = {}): Dataset {
  checkPlace('dataset', name, options)
  const entries = entriesOf(settings, name)
  const layer = options.layer ?? layerOf(entries[0])
  const entry = entries.find((candidate) => layerOf(candidate) === layer)
  const format = entry?.format ?? 'csv'
  const local = `${settings.dataDir.value.replace(/\/+$/, '')}/${name}.${format}`
  const location = locate(settings, { name, layer, entry, local: options.localPath, fallback: local })
  return { name, layer, location, format, options: entry?.options ?? {} }
}

/** Where a job writes. Throws `dataset-not-found`, `job-invalid`. */
export function locateTarget(settings: Settings, name: string, options: PlaceOptions = {}): string {
  checkPlace('target', name, options)
  const layer = options.layer ?? 'silver'
  const entry = entriesOf(settings, name).find((candidate) => layerOf(candidate) === layer)
  return locate(settings, { name, layer, entry, local: options.localPath, fallback: `dist/local_output/${name}/` })
}

interface Place {
  readonly name: string
  readonly layer: Layer
  /** Of the very layer: a location of another one must not be taken for it. */
  readonly entry: DatasetConfig | undefined
  readonly local: string | undefined
  readonly fallback: string
}

function locate(settings: Settings, { name, layer, entry, local, fallback }: Place): string {
  const environment = settings.environment.value
  const own = entry?.locations?.[environment]?.replaceAll('{env}', environment)
  if (environment === 'local') return local ?? own ?? fallback
  return own ?? `${settings.buckets.value.replaceAll('{layer}', layer).replace(/\/+$/, '')}/${name}/`
}

const CHECKS: OptionChecks<PlaceOptions> = { layer: oneOf(...LAYERS), localPath: TEXT }

function checkPlace(verb: string, name: string, options: PlaceOptions): void {
  if (!DATASET_NAME.test(name)) {
    throw new SluiceError('dataset-not-found', `A dataset's name is letters, digits, "_" and "-", not "${name}".`)
  }
  checkOptions(`${verb}('${name}')`, options, CHECKS)
}

function entriesOf({ datasets }: Settings, name: string): readonly DatasetConfig[] {
  const entry = Object.hasOwn(datasets, name) ? datasets[name] : undefined
  if (entry === undefined) return []
  return Array.isArray(entry) ? entry : [entry as DatasetConfig]
}

function layerOf(entry: DatasetConfig | undefined): Layer {
  return entry?.layer ?? 'bronze'
}
