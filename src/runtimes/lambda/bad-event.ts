import { SluiceError } from '../../errors.ts'

/** An event that nobody can act on. Of its content only names and origin are told: the rest may be secret. */
export function badEvent(why: string, cause?: unknown): SluiceError {
  return new SluiceError('usage', `The event cannot be handled: ${why}. ${KNOWN}`, { cause })
}

const KNOWN =
  'Known are { "params": { … } }, events of S3 (directly, or by EventBridge, SNS or SQS) and scheduled events.'
