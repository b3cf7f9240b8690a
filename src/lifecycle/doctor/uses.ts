import { LAYERS, type Layer } from '../../config/config.ts'
import { findDataset } from '../../config/datasets.ts'
import type { Settings } from '../../config/settings.ts'
import type { RunContext } from '../../context.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Source } from '../../sources/source.ts'
import { type BoundJob, bindJob } from '../bind.ts'
import { conflictOfLetters } from '../check-dead-letters.ts'
import type { Job } from '../job.ts'
import type { Notifier } from '../notifications/notifier.ts'
import { variablesOf } from '../notifications/webhook.ts'
import { placeLetters } from '../place-letters.ts'
import { placeNotifiers } from '../place-notifiers.ts'
import { datasetReader } from '../read-dataset.ts'
import { locateState } from '../state-directory.ts'
import { AskedPlaces } from './asked-places.ts'
import { usesOfCatalogs } from './catalogs.ts'
import type { Use } from './finding.ts'
import { probingContext } from './probing-context.ts'
import { lookAtSource, tableOf, useOfSourceTable, useOfTargetTable } from './tables.ts'

/** The places of a job: its source, its target and whatever else it asks for. */
export function usesOfJob(
  job: Job,
  settings: Settings,
  params: Readonly<Record<string, string>>,
): {
  readonly uses: readonly Use[]
  readonly bound: BoundJob
} {
  const context = probingContext(job, settings, params)
  const asked = new AskedPlaces(settings, context)
  const bound = bindJob(job, asked.context)
  const { source, sink, rounds } = bound
  const sources = [source, ...rounds.gathering.flatMap(({ inputs }) => Object.values(inputs))]
  const main = [...sources.map((from) => useOfSource(from, context)), useOfTarget(sink, context)]
  const tables = [...sources, sink].flatMap(({ description }) => tableOf(description)?.catalog ?? [])
  const named = main.map((use) => ({ ...use, ...asked.originOf(use.location) }))
  return { uses: [...usesOfCatalogs(settings, new Set(tables)), ...named, ...asked.others(main)], bound }
}

function useOfSource(source: Source, context: RunContext): Use {
  const { type, path, ...rest } = source.description
  const table = tableOf({ type, ...rest })
  if (table !== undefined) return useOfSourceTable(source, table, context)
  return { subject: 'source', location: typeof path === 'string' ? path : `(${type})`, need: 'read' }
}

function useOfTarget(sink: Sink, context: RunContext): Use {
  const table = tableOf(sink.description)
  if (table !== undefined) return useOfTargetTable(sink, table, context)
  return { subject: 'target', location: sink.location, need: 'replace' }
}

/** Without a job: the folder or the layers where datasets lie, and those that are configured. */
export function usesOfLake(settings: Settings): readonly Use[] {
  const context = probingContext({ name: 'doctor' }, settings, {})
  const read = datasetReader(settings)
  const datasets = Object.entries(settings.datasets).flatMap(([name, entry]) =>
    [entry].flat().map(({ layer, format }): Use => {
      const place = layer === undefined ? {} : { layer }
      const { location } = findDataset(settings, name, place)
      const look = async () => lookAtSource(read(name, place), context)
      return { subject: 'dataset', location, need: 'read', origin: name, ...(format === 'iceberg' ? { look } : {}) }
    }),
  )
  const { dataDir, environment } = settings
  const folder: Use = { subject: 'data', location: dataDir.value, need: 'read', origin: dataDir.name, optional: true }
  const layers = environment.value === 'local' ? [folder] : LAYERS.map((layer) => useOfLayer(settings, layer))
  return [...layers, ...usesOfCatalogs(settings), ...datasets]
}

function useOfLayer({ buckets }: Settings, layer: Layer): Use {
  const location = `${buckets.value.replaceAll('{layer}', layer).replace(/\/+$/, '')}/`
  return { subject: layer, location, need: 'read', origin: buckets.name, optional: true }
}

export function lettersOf(job: BoundJob | undefined, settings: Settings): Use {
  const { from, name } = settings.deadLetters
  const place = placeLetters(job?.deadLetters, settings)
  const ofJob = from !== 'flag' && from !== 'variable' && job?.deadLetters !== undefined
  const use = { subject: 'dead letters', need: 'append', origin: ofJob ? 'job' : name } as const
  if (place === undefined) return { ...use, location: `${settings.state.value.replace(/\/+$/, '')}/dead-letters/` }
  if (job === undefined) return { ...use, location: place }
  return { ...use, location: place, conflict: () => conflictOfLetters(place, job, locateState(settings)) }
}

export function listenersOf(ofJob: readonly Notifier[] | undefined, settings: Settings): readonly Use[] {
  const { from, name } = settings.notify
  const ofSettings = from === 'flag' || from === 'variable' || ofJob === undefined
  return placeNotifiers(ofJob, settings).map(({ target, plan }) => ({
    subject: 'notify',
    // A webhook whose address is a secret has none to show.
    location: target.includes(':') ? target : `(${target})`,
    need: 'tell',
    origin: ofSettings ? name : 'job',
    conflict: () => unset(variablesOf(plan)),
  }))
}

/** An empty variable is none. */
function unset(variables: readonly string[]): string | undefined {
  const missing = variables.filter((variable) => !process.env[variable])
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')} in the environment`
}
