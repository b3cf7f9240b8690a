import { SluiceError } from '../../errors.ts'
import type { Notifier, NotifierPlan } from './notifier.ts'
import { isTopic, sns, snsOf } from './sns.ts'
import { webhook, webhookOf } from './webhook.ts'

/** Whom a job tells: `sns(…)`, `webhook(…)`, the ARN of a topic or the URL of a webhook, or a list of those. */
export type Notify = Notifier | string | readonly (Notifier | string)[]

/** Throws `job-invalid` for what is none of them. */
export function notifiersOf(notify: unknown): readonly Notifier[] {
  return (Array.isArray(notify) ? notify : [notify]).map(notifierOf)
}

function notifierOf(value: unknown): Notifier {
  if (isNotifier(value)) return value
  if (typeof value === 'string' && isTopic(value)) return sns(value)
  if (typeof value === 'string' && /^https?:\/\//.test(value)) return webhook(value)
  throw new SluiceError(
    'job-invalid',
    'notify must be sns(…), webhook(…), the ARN of a topic, the URL of a webhook, or a list of those.',
  )
}

function isNotifier(value: unknown): value is Notifier {
  return typeof value === 'object' && value !== null && 'plan' in value && 'send' in value
}

/** The notifier that a journal tells of. */
export function notifierOfPlan(plan: NotifierPlan): Notifier {
  return plan.kind === 'sns' ? snsOf(plan) : webhookOf(plan)
}
