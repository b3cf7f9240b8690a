import { rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { localPath } from '../config/local-path.ts'
import type { Settings } from '../config/settings.ts'
import { SluiceError } from '../errors.ts'
import { makeDirectories } from '../storage/durable.ts'
import { isS3 } from '../storage/s3/s3-location.ts'
import { writeError } from '../storage/write-error.ts'
import { RemoteState } from './remote-state.ts'

/**
 * Where everything lies that Sluice knows about runs. Mode 0700: dead letters hold rows.
 *
 *     runs/<run-id>/journal.jsonl   unsettled runs, alive or not
 *     runs/<run-id>/scratch/        what a run spills; goes when it is settled
 *     settled/<run-id>/             journals of settled runs, until pruned
 *     leases/<run-id>               locks of live runs
 *     ledger/<run-id>.json          what became of each run id
 *     audit/<run-id>.json           kept for ever
 *     dead-letters/<run-id>.jsonl   unless the job names another place
 */
export interface StateDirectory {
  /** As people know it: the path, or the address on S3. */
  readonly address: string
  /** What lies on S3 and is worked on in a copy at `path`. */
  readonly remote?: RemoteState
  readonly path: string
  readonly runs: string
  readonly settled: string
  readonly ledger: string
  readonly audit: string
  readonly leases: string
  run(runId: string): string
  journal(runId: string): string
  scratch(runId: string): string
  lease(runId: string): string
  /** A path, or an address on S3. */
  deadLetters(runId: string): string
}

/**
 * The directory of the settings, by default `./.sluice`, or a prefix of S3. It need not exist yet. Audit records may lie
 * elsewhere. Throws `usage` when it is, or lies in, something else than a directory, and `config-invalid` for a place
 * where audit records cannot lie.
 */
export function locateState({ state: { value }, audit }: Pick<Settings, 'state' | 'audit'>): StateDirectory {
  if (isS3(value)) {
    if (audit.value === undefined) return remoteState(new RemoteState(value))
    throw new SluiceError('config-invalid', `audit: audit records lie with the state on S3, in ${value}; leave it out.`)
  }
  const state = stateDirectory(localPath('state', value))
  const obstacle = obstacleTo(state.path)
  if (obstacle !== undefined) {
    const text = `The state directory cannot be ${state.path}: ${obstacle} is no directory. Choose another path.`
    throw new SluiceError('usage', text, { context: { path: obstacle } })
  }
  return audit.value === undefined ? state : { ...state, audit: resolve(localPath('audit', audit.value)) }
}

/** The same, for looking only: what lies on S3 is brought into a copy on which no run is at work. */
export async function viewState(settings: Pick<Settings, 'state' | 'audit'>): Promise<StateDirectory> {
  const state = locateState(settings)
  if (state.remote === undefined) return state
  const remote = new RemoteState(state.address, `view ${process.pid}`)
  process.once('exit', () => rmSync(remote.copy, { recursive: true, force: true }))
  await remote.bringAll()
  return remoteState(remote)
}

/** The first part of the path that exists and is no directory. */
function obstacleTo(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat !== undefined) return stat.isDirectory() ? undefined : path
  return path === dirname(path) ? undefined : obstacleTo(dirname(path))
}

export function stateDirectory(location: string): StateDirectory {
  const path = resolve(location)
  const runs = join(path, 'runs')
  const leases = join(path, 'leases')
  return {
    address: path,
    path,
    runs,
    settled: join(path, 'settled'),
    ledger: join(path, 'ledger'),
    audit: join(path, 'audit'),
    leases,
    run: (runId) => join(runs, runId),
    journal: (runId) => join(runs, runId, 'journal.jsonl'),
    scratch: (runId) => join(runs, runId, 'scratch'),
    lease: (runId) => join(leases, runId),
    deadLetters: (runId) => join(path, 'dead-letters', `${runId}.jsonl`),
  }
}

/** A state directory on S3, with its copy on this machine. */
export function remoteState(remote: RemoteState): StateDirectory {
  const deadLetters = (runId: string) => `${remote.address}dead-letters/${runId}.jsonl`
  return { ...stateDirectory(remote.copy), address: remote.address, remote, deadLetters }
}

/** Creates the layout, durably. Only runs need it; whoever just looks copes with its absence. */
export function createState(state: StateDirectory): void {
  try {
    for (const directory of [state.runs, state.settled, state.ledger, state.audit, state.leases]) {
      makeDirectories(directory, 0o700)
    }
  } catch (error) {
    throw writeError(error, state.path)
  }
}
