import { checkOptions, type OptionCheck, type OptionChecks } from '../../config/check-options.ts'
import { isSecretName } from '../../config/mask.ts'
import { Secret, type SecretSource, secretOf } from '../../config/secret.ts'
import { SluiceError } from '../../errors.ts'
import { NOTIFY_DEFAULTS, type Notifier, type NotifierPlan, type NotifyOptions } from './notifier.ts'
import { NOTIFY_CHECKS } from './notify-checks.ts'
import { type PlannedSecret, plannedSecret, revived } from './planned-secret.ts'
import { postRun } from './post-run.ts'

export interface WebhookOptions extends NotifyOptions {
  /** Sent with every request. What is secret is `fromEnv('NAME')` or a function, never a text. */
  readonly headers?: Readonly<Record<string, SecretSource>>
  /** Signs the body: `Sluice-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`. */
  readonly secret?: Exclude<SecretSource, string>
}

interface WebhookPlan extends NotifierPlan {
  readonly kind: 'webhook'
  readonly url: PlannedSecret
  readonly headers: Readonly<Record<string, PlannedSecret>>
  readonly secret: PlannedSecret | null
}

/**
 * Tells a web server how a run ended, by a POST with JSON. A URL that is itself a secret is `fromEnv('NAME')`.
 *
 * @throws SluiceError `job-invalid` for what is no URL, and for a secret that stands in the text of the job.
 */
export function webhook(url: SecretSource, options: WebhookOptions = {}): Notifier {
  checkOptions('webhook', options, CHECKS)
  if (typeof url === 'string') checkUrl(url)
  const { headers = {}, secret, ...rest } = options
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value)
  return notifier(
    { url, headers, ...(secret === undefined ? {} : { secret }) },
    { ...NOTIFY_DEFAULTS, ...definedOnly(rest) },
  )
}

/** The notifier that a journal tells of. What only the program knew fails when it is sent. */
export function webhookOf(plan: NotifierPlan): Notifier {
  const { url, headers, secret, on, samples, timeoutMs } = plan as WebhookPlan
  const again = Object.entries(headers).map(([name, value]) => [name, revived(value, `the header ${name}`)] as const)
  const sources: Sources = {
    url: revived(url, 'the URL of the webhook'),
    headers: Object.fromEntries(again),
    ...(secret === null ? {} : { secret: revived(secret, 'the secret of the signature') }),
  }
  return notifier(sources, { on, samples, timeoutMs })
}

/** The environment variables that a notifier needs when it is sent. */
export function variablesOf(plan: NotifierPlan): readonly string[] {
  if (plan.kind !== 'webhook') return []
  const { url, headers, secret } = plan as WebhookPlan
  const secrets = [url, ...Object.values(headers), ...(secret === null ? [] : [secret])]
  return secrets.flatMap((planned) => ('variable' in planned ? [planned.variable] : []))
}

interface Sources {
  readonly url: SecretSource
  readonly headers: Readonly<Record<string, SecretSource>>
  readonly secret?: SecretSource
}

function notifier({ url, headers, secret }: Sources, options: Required<NotifyOptions>): Notifier {
  const { on, samples, timeoutMs } = options
  const planned = Object.entries(headers).map(([name, value]) => [name, plannedSecret(value)] as const)
  const plan: WebhookPlan = {
    kind: 'webhook',
    url: plannedSecret(url),
    headers: Object.fromEntries(planned),
    secret: secret === undefined ? null : plannedSecret(secret),
    ...{ on, samples, timeoutMs },
  }
  const revealing = {
    url: secretOf(url, 'the URL of the webhook'),
    headers: Object.entries(headers).map(([name, value]) => [name, secretOf(value, `the header ${name}`)] as const),
    secret: secret === undefined ? undefined : secretOf(secret, 'the secret of the signature'),
    timeoutMs,
  }
  return {
    target: shown(url),
    on,
    samples,
    mostBytes: MOST_BYTES,
    plan,
    send: (delivery) => postRun(revealing, delivery),
  }
}

/** Paths of webhooks are often their only secret: no more is shown than where it goes. */
function shown(url: SecretSource): string {
  if (typeof url === 'string') return `${new URL(url).origin}/…`
  const variable = url instanceof Secret ? url.variable : undefined
  return variable === undefined ? 'webhook' : `webhook of ${variable}`
}

function checkUrl(url: string): void {
  const { protocol = '', username = '', password = '' } = URL.canParse(url) ? new URL(url) : {}
  if (!/^https?:$/.test(protocol)) throw invalid('the URL must begin with https:// or http://')
  if (username !== '' || password !== '') throw invalid('the URL must not hold a password: use a header')
}

function checkHeader(name: string, value: unknown): void {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) throw invalid(`"${name}" is no name of a header`)
  if (OWN.test(name)) throw invalid(`the header ${name} is set by Sluice`)
  if (typeof value === 'string' && isSecretName(name)) {
    throw invalid(`the header ${name} is a secret: give it as fromEnv('NAME') or as a function`)
  }
  secretOf(value as SecretSource, `webhook: the header ${name}`)
}

const OWN = /^(host|content-length|content-type|transfer-encoding|connection|idempotency-key|sluice-signature)$/i

const SIGNED: OptionCheck = {
  wanted: "fromEnv('NAME') or a function that returns the secret",
  accepts: (value) => value instanceof Secret || typeof value === 'function',
}

const CHECKS: OptionChecks<WebhookOptions> = {
  ...NOTIFY_CHECKS,
  headers: {
    wanted: 'an object, by name',
    accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  secret: SIGNED,
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

function invalid(what: string): SluiceError {
  return new SluiceError('job-invalid', `webhook: ${what}.`)
}

/** Many servers take no more without being told to. */
const MOST_BYTES = 255 * 1024
