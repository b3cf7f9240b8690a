import { checkOptions } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { NOTIFY_DEFAULTS, type Notifier, type NotifierPlan, type NotifyOptions } from './notifier.ts'
import { NOTIFY_CHECKS } from './notify-checks.ts'
import { publishRun } from './publish-run.ts'

interface SnsPlan extends NotifierPlan {
  readonly kind: 'sns'
  readonly topic: string
}

/**
 * Tells a topic of SNS how a run ended: the message is JSON, the subject a text for people, and the attributes `job`,
 * `environment` and `status` are there for filter policies. Topics may be FIFO.
 *
 * @throws SluiceError `job-invalid` for what is no ARN of a topic.
 */
export function sns(topic: string, options: NotifyOptions = {}): Notifier {
  const region = regionOfTopic(topic)
  if (region === undefined) {
    throw new SluiceError('job-invalid', `sns: ${String(topic)} is no ARN of a topic, arn:aws:sns:region:account:name.`)
  }
  checkOptions('sns', options, NOTIFY_CHECKS)
  const { on, samples, timeoutMs } = { ...NOTIFY_DEFAULTS, ...options }
  const plan: SnsPlan = { kind: 'sns', topic, on, samples, timeoutMs }
  return {
    target: topic,
    on,
    samples,
    mostBytes: MOST_BYTES,
    plan,
    send: (delivery) => publishRun({ topic, region, timeoutMs }, delivery),
  }
}

/** The notifier that a journal tells of. */
export function snsOf(plan: NotifierPlan): Notifier {
  const { topic, on, samples, timeoutMs } = plan as SnsPlan
  return sns(topic, { on, samples, timeoutMs })
}

export function isTopic(text: string): boolean {
  return TOPIC.test(text)
}

/** Undefined for what is no topic. */
export function regionOfTopic(topic: string): string | undefined {
  return TOPIC.exec(topic)?.[1]
}

const TOPIC = /^arn:aws[\w-]*:sns:([\w-]+):\d+:[\w-]+(?:\.fifo)?$/
/** 256 KiB are the limit of a message with its attributes, which get the rest. */
const MOST_BYTES = 255 * 1024
