import type { Target, TargetPlan } from '../target.ts'
import { ownSettings, type S3Settings, withSettings } from './s3-settings.ts'

interface SettledPlan extends TargetPlan {
  readonly s3?: S3Settings
}

/**
 * A target whose plans say which S3 they are about, so that a run is finished or undone there, in whatever environment
 * the one who recovers it may work.
 */
export function keepSettings(target: Target): Target {
  const there = <R>(plan: TargetPlan, work: () => R) => withSettings((plan as SettledPlan).s3, work)
  return {
    ...target,
    plan: async (location, run) => planned(await target.plan(location, run)),
    open: (plan) => there(plan, () => target.open(plan)),
    assemble: (plan, parts) => there(plan, () => target.assemble(plan, parts)),
    commit: (output) => there(output.plan, () => target.commit(output)),
    release: (plan) => there(plan, () => target.release(plan)),
    abort: (plan) => there(plan, () => target.abort(plan)),
  }
}

function planned(plan: TargetPlan): SettledPlan {
  const s3 = ownSettings()
  return s3 === undefined ? plan : { ...plan, s3 }
}
