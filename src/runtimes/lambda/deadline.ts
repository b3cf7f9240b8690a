import { SluiceError } from '../../errors.ts'
import type { LambdaContext } from './lambda-context.ts'

/** Aborts with `deadline-exceeded` when there is just time enough left to undo what a run has staged. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
}

export function startDeadline(context: LambdaContext, marginMs?: number): Deadline {
  const abort = new AbortController()
  const remaining = context.getRemainingTimeInMillis()
  const margin = marginMs ?? usualMargin(remaining)
  const timer = setTimeout(() => abort.abort(exceeded(margin)), Math.max(0, remaining - margin))
  return { signal: abort.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}

/** To undo a run takes some ten requests to S3, one after the other. */
function usualMargin(remaining: number): number {
  return Math.min(10_000, Math.max(1_000, remaining / 10))
}

function exceeded(margin: number): SluiceError {
  const left = `${Math.round(margin / 100) / 10} s before the function times out`
  const fix = 'Give the function more time or memory, or let the job read less at a time.'
  return new SluiceError('deadline-exceeded', `The run was aborted ${left}. Nothing was written. ${fix}`, {
    retryable: true,
  })
}
