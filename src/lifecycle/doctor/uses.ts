import { LAYERS, type Layer } from '../../config/config.ts'
import { findDataset } from '../../config/datasets.ts'
import type { Settings } from '../../config/settings.ts'
import type { Source } from '../../sources/source.ts'
import { type BoundJob, bindJob } from '../bind.ts'
import { conflictOfLetters } from '../check-dead-letters.ts'
import type { Job } from '../job.ts'
import { jobContext } from '../job-context.ts'
import type { Notifier } from '../notifications/notifier.ts'
import { variablesOf } from '../notifications/webhook.ts'
import { placeLetters } from '../place-letters.ts'
import { placeNotifiers } from '../place-notifiers.ts'
import { newRunId } from '../run-id.ts'
import { locateState } from '../state-directory.ts'
import type { Use } from './finding.ts'

/** The places of a job: its source, its target and whatever else it asks for. */
export function usesOfJob(
  job: Job,
  settings: Settings,
  params: Readonly<Record<string, string>>,
): {
  readonly uses: readonly Use[]
  readonly bound: BoundJob
} {
  const context = jobContext(settings, { params, runId: newRunId() })
  const asked = new Map<string, string>()
  const known = (location: string, name: string) => {
    asked.set(location, name)
    return location
  }
  const bound = bindJob(job, {
    ...context,
    dataset: (name, options) => known(context.dataset(name, options), name),
    target: (name, options) => known(context.target(name, options), name),
  })
  const { source, sink, rounds } = bound
  const beside = rounds.gathering.flatMap(({ inputs }) => Object.values(inputs))
  const origin = (location: string) => (asked.has(location) ? { origin: asked.get(location) as string } : {})
  const main: readonly Use[] = [
    ...[source, ...beside].map(locationOf).map((from): Use => {
      return { subject: 'source', location: from, need: 'read', ...origin(from) }
    }),
    { subject: 'target', location: sink.location, need: 'replace', ...origin(sink.location) },
  ]
  const others = [...asked].filter(([location]) => !main.some((use) => use.location === location))
  const rest = others.map(([location, name]): Use => ({ subject: 'dataset', location, need: 'read', origin: name }))
  return { uses: [...main, ...rest], bound }
}

function locationOf({ description: { path, type } }: Source): string {
  return typeof path === 'string' ? path : `(${type})`
}

/** Without a job: the folder or the layers where datasets lie, and those that are configured. */
export function usesOfLake(settings: Settings): readonly Use[] {
  const datasets = Object.entries(settings.datasets).flatMap(([name, entry]) =>
    [entry].flat().map(({ layer }): Use => {
      const { location, format } = findDataset(settings, name, layer === undefined ? {} : { layer })
      // A table is known to its catalog only.
      return {
        subject: 'dataset',
        location: format === 'iceberg' ? `(${location})` : location,
        need: 'read',
        origin: name,
      }
    }),
  )
  const { dataDir, environment } = settings
  const folder: Use = { subject: 'data', location: dataDir.value, need: 'read', origin: dataDir.name, optional: true }
  const layers = environment.value === 'local' ? [folder] : LAYERS.map((layer) => useOfLayer(settings, layer))
  return [...layers, ...datasets]
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
