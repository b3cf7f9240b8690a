import { type OptionChecks, oneOf, wholeNumber } from '../../config/check-options.ts'
import type { NotifyOptions } from './notifier.ts'

/** What the options of every notifier may be. */
export const NOTIFY_CHECKS: OptionChecks<NotifyOptions> = {
  on: oneOf('always', 'failure', 'success'),
  samples: wholeNumber(0, 20),
  timeoutMs: wholeNumber(100, 60_000),
}
