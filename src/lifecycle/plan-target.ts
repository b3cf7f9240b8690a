import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
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
  const { adopt = false, extension = '' } = wish
  const { runId, state } = run
  const options = { runId, stateDirectory: state.path, scratch: state.scratch(runId), adopt, extension }
  const first = await target.plan(location, options)
  const plan = (await settleOthers(run, first, wish.log)) ? await target.plan(location, options) : first
  const record: Planned = { type: 'planned', plan, audit }
  run.journal.reserveFor(record)
  await writing(run.journal.path, () => run.record(record))
  crashPoint('run-planned')
  await target.open(plan)
  crashPoint('staging-opened')
  return plan
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
