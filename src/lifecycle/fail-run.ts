import { SluiceError } from '../errors.ts'
import { targetOfKind } from '../storage/targets.ts'
import { decide } from './decide.ts'
import { type FinishOptions, finish, type Settlement } from './finish.ts'
import type { SealedLetters } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import type { OpenRun } from './open-run.ts'

export interface Failure {
  readonly error: SluiceError
  readonly letters: SealedLetters | null
  readonly audit: JsonObject
  readonly report: JsonObject
}

/**
 * Ends a run that did not come to a verdict: removes its staging, delivers its dead letters, audits it. Throws nothing
 * but `run-lost`, which explains the failure; else the failure itself stays the one that is reported. Undefined when not
 * even that could be journaled: the staging is removed all the same, and `recover` writes the audit later.
 *
 * Not for a run that is decided or in doubt.
 */
export async function failRun(run: OpenRun, failure: Failure, options: FinishOptions): Promise<Settlement | undefined> {
  const { error, ...drafts } = failure
  const { code, message } = error
  options.emit?.({ type: 'RunAborted', reason: message })
  try {
    await decide(run, { verdict: 'fail', output: null, error: { code, message }, ...drafts })
    return await finish(run, options)
  } catch (second) {
    if (second instanceof SluiceError && second.code === 'run-lost') throw second
    options.log.warn({ err: (second as Error).message }, 'could not journal the failure; run `sluice recover`')
    await removeTraces(run, options)
    return undefined
  }
}

/** Of the target only: the scratch directory holds the sealed dead letters, which `recover` will deliver. */
async function removeTraces(run: OpenRun, { log, target }: FinishOptions): Promise<void> {
  try {
    const plan = run.progress.planned?.plan
    if (plan !== undefined) await (target ?? targetOfKind(plan.kind)).abort(plan)
  } catch (error) {
    log.warn({ err: (error as Error).message }, 'could not remove the staging; run `sluice recover`')
  }
}
