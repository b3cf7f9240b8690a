import type { Setting, Settings } from '../../config/settings.ts'
import { SluiceError } from '../../errors.ts'
import { withCatalogs } from '../../storage/iceberg/catalog-settings.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import { withS3 } from '../../storage/s3/s3-settings.ts'
import { isSqs } from '../../storage/sqs/sqs-address.ts'
import type { Job } from '../job.ts'
import { letterPlace } from '../letters/letter-place.ts'
import { newRunId } from '../run-id.ts'
import { locateState } from '../state-directory.ts'
import { examineAws } from './examine-aws.ts'
import type { Finding, Looked, Use } from './finding.ts'
import { freeSpace, lookAtState, nodeVersion } from './machine.ts'
import { probe, shownPlace } from './probes.ts'
import { lettersOf, listenersOf, usesOfJob, usesOfLake } from './uses.ts'

export interface Patient {
  readonly settings: Settings
  /** Without one, the layers of the data lake are looked at. */
  readonly job?: Job | undefined
  readonly params?: Readonly<Record<string, string>>
}

/** What a run would use, and whether it could: reads, and changes nothing. Throws what the functions of the job throw. */
export function examine(patient: Patient): Promise<readonly Finding[]> {
  const { settings } = patient
  return withS3(settings, () => withCatalogs(settings, () => findingsOf(patient)))
}

async function findingsOf(patient: Patient): Promise<readonly Finding[]> {
  const { settings } = patient
  const { environment, file, state } = settings
  const uses = usesOf(patient)
  const speaksToAws = isS3(state.value) || uses.some(({ location, aws }) => aws === true || isS3(location))
  return [
    finding('node', process.version, nodeVersion()),
    finding('configuration', file ?? 'none', { status: 'ok', detail: file === undefined ? 'not needed' : 'valid' }),
    finding('environment', named(environment), { status: 'ok', detail: 'known' }),
    await attempted('state', named(state), async () => lookAtState(locateState(settings))),
    await attempted('space', state.value, async () => freeSpace(locateState(settings).path)),
    ...(speaksToAws ? await examineAws() : []),
    ...(await Promise.all(uses.map((use) => findingOf(use, settings)))),
  ]
}

function usesOf({ settings, job, params = {} }: Patient): readonly Use[] {
  const { audit } = settings
  const ofJob = job === undefined ? undefined : usesOfJob(job, settings, params)
  const uses = [...(ofJob?.uses ?? usesOfLake(settings)), lettersOf(ofJob?.bound, settings)]
  if (audit.value !== undefined) {
    uses.push({ subject: 'audit', location: `${audit.value.replace(/\/+$/, '')}/`, need: 'append', origin: audit.name })
  }
  return [...uses, ...listenersOf(ofJob?.bound.notifiers, settings)]
}

function findingOf(use: Use, settings: Settings): Promise<Finding> {
  const used = shownPlace(use.location) + (use.origin === undefined ? '' : ` (${use.origin})`)
  return attempted(use.subject, used, async () => {
    // What this version refuses must not look well because it is there.
    const letters = use.subject === 'dead letters' ? letterPlace(use.location, newRunId()) : undefined
    if (use.subject === 'audit') locateState(settings)
    const conflict = use.conflict?.()
    if (conflict !== undefined) return { status: 'failed', detail: conflict }
    return probe(letters !== undefined && isSqs(letters) ? { ...use, location: letters } : use)
  })
}

async function attempted(subject: string, used: string, look: () => Promise<Looked>): Promise<Finding> {
  try {
    return finding(subject, used, await look())
  } catch (error) {
    const { message } = error as Error
    const detail = error instanceof SluiceError ? message : `cannot be checked: ${message}`
    return finding(subject, used, { status: 'failed', detail })
  }
}

function finding(subject: string, used: string, looked: Looked): Finding {
  return { subject, used, ...looked }
}

function named({ value, name }: Setting<string>): string {
  return `${value} (${name})`
}
