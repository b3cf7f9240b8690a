import type { Logger } from '../context.ts'
import { asSluiceError, type SluiceError } from '../errors.ts'

/** Does a piece of work that may fail without consequence for the outcome of the run. */
export type Attempt = (what: string, work: () => unknown) => Promise<void>

/** Failures are logged and collected: they are tried again by recovery, and stop nothing else. */
export function attempting(unfinished: SluiceError[], log: Logger): Attempt {
  return async (what, work) => {
    try {
      await work()
    } catch (error) {
      const failure = asSluiceError(error, 'internal', `Could not ${what}`)
      log.warn({ code: failure.code, err: failure.message }, `could not ${what}`)
      unfinished.push(failure)
    }
  }
}
