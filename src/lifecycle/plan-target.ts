import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { Bookmark } from '../storage/bookmark.ts'
import { crashPoint } from '../storage/crash-point.ts'
import type { Target, TargetPlan } from '../storage/target.ts'
import { writing } from '../storage/write-error.ts'
import type { Planned } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import type { OpenRun } from './open-run.ts'
import { recoverTarget } from './target-recovery.ts'

export interface TargetWish {
  readonly target: Target
  readonly location: string
  readonly adopt?: boolean
  readonly extension?: string
  readonly keepVersions?: boolean
  readonly splits?: number
  readonly bookmark?: Bookmark
  readonly audit: JsonObject
  readonly log: Logger
}

/**
 * Fixes the identity of the target, journals the plan and opens the staging. Runs that were interrupted on the
 * same target are settled first; live ones are left alone, and whoever commits first wins.
 *
 * Throws `in-doubt` when such a run cannot be settled, and what `Target.plan` and `Target.open` throw.
 */
export async function planTarget(run: OpenRun, wish: TargetWish): Promise<TargetPlan> {
  const { target, location, audit } = wish
  const { adopt = false, extension = '', keepVersions = true, splits = Number.POSITIVE_INFINITY } = wish
  const bookmarked = wish.bookmark === undefined ? {} : { bookmark: wish.bookmark }
  const { runId, state } = run
  const job = run.progress.begun?.job ?? ''
  const place = { stateDirectory: state.address, scratch: state.scratch(runId) }
  const options = { runId, job, ...place, splits, adopt, extension, keepVersions, ...bookmarked }
  const first = await target.plan(location, options)
  const plan = (await settleOthers(run, first, wish.log)) ? await target.plan(location, options) : first
  await journalPlan(run, { type: 'planned', plan, audit })
  crashPoint('run-planned')
  const opened = await target.open(plan)
  // What the place had to tell is needed to undo the run.
  if (opened !== plan) await journalPlan(run, { type: 'planned', plan: opened, audit })
  crashPoint('staging-opened')
  return opened
}

async function journalPlan(run: OpenRun, record: Planned): Promise<void> {
  run.journal.reserveFor(record)
  await writing(run.journal.path, () => run.record(record))
  await run.publish()
}

/** True when a run was settled, and the target thus may have changed. */
async function settleOthers({ state, runId }: OpenRun, plan: TargetPlan, log: Logger): Promise<boolean> {
  if (plan.kind === 'stream') return false
  const others = await recoverTarget(state, plan.path, log, runId)
  for (const other of others) {
    const { action, reason } = other
    log[action === 'live' ? 'info' : 'warn']({ other_run_id: other.runId, action, reason }, `another run is ${action}`)
    if (action === 'in-doubt' && !other.settled) throw doubtful(other.runId, plan, reason)
  }
  return others.some((other) => other.action !== 'live')
}

function doubtful(runId: string, plan: TargetPlan, reason = 'its outcome is unknown'): SluiceError {
  return new SluiceError('in-doubt', `Run ${runId} on ${plan.path} is in doubt (${reason}): settle it first.`, {
    context: { path: plan.path, runId },
  })
}
