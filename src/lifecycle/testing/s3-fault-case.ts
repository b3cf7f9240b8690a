import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '../../errors.ts'
import type { Fault } from '../../storage/testing/s3/faults/fault.ts'
import type { OperationName } from '../../storage/testing/s3/operations/operation-name.ts'
import type { RequestEntry } from '../../storage/testing/s3/request-log.ts'
import type { Bucket } from '../../storage/testing/s3/store.ts'
import type { RunReport } from '../report.ts'
import { copyJob, published, type S3Scene, strays } from './s3-scene.ts'

/** A run from S3 to S3. */
export interface Route {
  readonly name: string
  readonly from: 'in.csv' | 'in/'
  readonly to: 'out.csv' | 'out/'
  readonly state: 'local' | 'on S3'
  readonly onInvalid: 'fail' | 'quarantine'
  /** What it makes of the inputs. */
  readonly result: string
}

/** What goes wrong in one run. */
export interface FaultCase {
  readonly route: Route
  readonly operation: OperationName
  /** So many of these requests are well before. */
  readonly skip: number
  readonly fault: Fault
  /** For ever when it is infinite. */
  readonly times: number
}

export interface Verdict {
  /** What the case got wrong; nothing when all is well. */
  readonly problems: readonly string[]
  readonly outcome: 'committed' | 'failed' | 'in doubt'
  /** The fault struck. */
  readonly struck: boolean
  /** How often the run asked for each operation. */
  readonly requests: ReadonlyMap<OperationName, number>
}

/** A run that is not at its end by then never comes there. */
const LONGEST_MS = 60_000

export const OLD = 'id,v\n1,old\n'

/** Plays one case in a bucket of its own. */
export async function playFault(
  scene: S3Scene,
  at: { readonly seed: Bucket; readonly box: string; readonly index: number },
  { route, operation, skip, fault, times }: FaultCase,
): Promise<Verdict> {
  const name = `case-${at.index}`
  const bucket = scene.addBucket(name, at.seed)
  const state = route.state === 'local' ? join(at.box, name) : `s3://${name}/state/`
  const { faults, requests } = scene.server
  requests.clear()
  const added = faults.add({ operation, skip, fault, ...(Number.isFinite(times) ? { times } : {}) })
  const job = copyJob(`s3://${name}/${route.from}`, `s3://${name}/${route.to}`, { onInvalid: route.onInvalid })
  const hang = sleep(LONGEST_MS, { error: new Error('it hangs') }, { ref: false })
  const run = scene.run(job, { state, runId: 'run' }).then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  )
  const ended = await Promise.race([run, hang])
  const struck = added.hits > 0
  faults.clear()
  const asked = operationsOf(requests.entries)
  const problems: string[] = []
  const outcome = await checkEnd(ended, { bucket, route, problems, times })
  if (expectsCommit(fault, times) && outcome !== 'committed') problems.push(`${outcome}: ${told(ended)}`)
  await settle(scene, { bucket, route, state, target: `s3://${name}/${route.to}`, outcome, problems })
  scene.removeBucket(name)
  return { problems, outcome, struck, requests: asked }
}

/** What passes by itself must not fail a run. */
function expectsCommit(fault: Fault, times: number): boolean {
  if (fault.kind === 'delay') return true
  // A refusal is meant, and a flipped byte is found at the end of what was read.
  return Number.isFinite(times) && fault.kind !== 'corrupt' && !(fault.kind === 'status' && fault.status === 403)
}

type Ended = { readonly report: RunReport } | { readonly error: unknown }

async function checkEnd(
  ended: Ended,
  { bucket, route, problems, times }: { bucket: Bucket; route: Route; problems: string[]; times: number },
): Promise<Verdict['outcome']> {
  const now = await published(bucket, route.to)
  const unfinished = reportOf(ended)?.unfinished.length ?? 0
  const outcome = 'report' in ended ? 'committed' : checkError(ended.error, problems)
  if (outcome === 'committed' && now !== route.result) problems.push(`committed, but the target is ${now}`)
  if (outcome === 'failed' && now !== OLD) problems.push(`failed, but the target is ${now}`)
  if (now !== OLD && now !== route.result) problems.push(`the target is ${now}`)
  // A run that S3 hindered for ever could not even tidy up: it says so, or recovery does it.
  const mayLeave = outcome === 'in doubt' || unfinished > 0 || (outcome === 'failed' && !Number.isFinite(times))
  if (!mayLeave) {
    for (const stray of await strays(bucket, 'out/')) problems.push(`left ${stray}`)
  }
  return outcome
}

function checkError(error: unknown, problems: string[]): Verdict['outcome'] {
  if (!(error instanceof SluiceError)) {
    problems.push(`no error of ours: ${(error as Error)?.stack ?? error}`)
    return 'failed'
  }
  const { message, exitCode, code } = error
  if (!/^([A-Z\d]|s3:)[^\n]*[.?!]$/.test(message) || /undefined|\[object|UnknownError|NaN|\.\./.test(message)) {
    problems.push(`unclear: ${code}: ${message}`)
  }
  if (!message.includes('s3://') && !message.includes('run')) problems.push(`says no place: ${code}: ${message}`)
  if (code === 'internal' || (exitCode !== 4 && exitCode !== 5))
    problems.push(`exit code ${exitCode}: ${code}: ${message}`)
  return code === 'in-doubt' ? 'in doubt' : 'failed'
}

function told(ended: Ended): string {
  return 'report' in ended ? 'no error' : `${(ended.error as SluiceError)?.code}: ${(ended.error as Error)?.message}`
}

function reportOf(ended: Ended): RunReport | undefined {
  return 'report' in ended ? ended.report : ((ended.error as SluiceError)?.report as RunReport | undefined)
}

/** S3 is well again: recovery brings the run to an end, and nothing stays behind. */
async function settle(
  scene: S3Scene,
  {
    bucket,
    route,
    state,
    target,
    outcome,
    problems,
  }: {
    bucket: Bucket
    route: Route
    state: string
    target: string
    outcome: Verdict['outcome']
    problems: string[]
  },
): Promise<void> {
  // As if so much time had passed that the lease of a run that could not give it back has expired.
  bucket.delete('state/leases/run.json')
  const recovery = await scene.recover(state)
  if (recovery.exitCode !== 0 || recovery.runs.some(({ settled }) => !settled)) {
    problems.push(`not recovered: ${JSON.stringify(recovery.runs)}`)
  }
  const again = await scene.recover(state)
  if (again.runs.length > 0) problems.push(`recovered twice: ${JSON.stringify(again.runs)}`)
  const now = await published(bucket, route.to)
  const expected = outcome === 'committed' ? [route.result] : outcome === 'failed' ? [OLD] : [OLD, route.result]
  if (!expected.includes(`${now}`)) problems.push(`${outcome}, and after the recovery the target is ${now}`)
  for (const stray of await strays(bucket, 'out/')) problems.push(`after the recovery of ${target} there is ${stray}`)
  for (const left of leftInState(bucket, state)) problems.push(`after the recovery there is ${left}`)
}

function leftInState(bucket: Bucket, state: string): readonly string[] {
  if (state.startsWith('s3://')) return [...bucket.objects.keys()].filter((key) => /^state\/(runs|leases)\//.test(key))
  return existsSync(join(state, 'runs')) ? readdirSync(join(state, 'runs')) : []
}

function operationsOf(entries: readonly RequestEntry[]): ReadonlyMap<OperationName, number> {
  const counts = new Map<OperationName, number>()
  for (const { operation } of entries) {
    if (operation !== 'unknown') counts.set(operation, (counts.get(operation) ?? 0) + 1)
  }
  return counts
}
