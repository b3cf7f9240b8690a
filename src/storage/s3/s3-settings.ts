import { AsyncLocalStorage } from 'node:async_hooks'
import type { Settings } from '../../config/settings.ts'
import { SluiceError } from '../../errors.ts'

/** Which S3, SQS and SNS to talk to; the SDK finds the rest. Plain JSON. */
export interface S3Settings {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly pathStyle?: boolean | undefined
}

/**
 * Does some work with the S3 of these settings. A process may have runs in several environments at a time, and none of
 * them must reach into another.
 */
export function withS3<R>(settings: Pick<Settings, 'region' | 'endpoint' | 'pathStyle'>, work: () => R): R {
  const { region, endpoint, pathStyle } = settings
  return withSettings({ region: region.value, endpoint: endpoint.value, pathStyle: pathStyle.value }, work)
}

/** Undefined: as it is where the work is asked for. */
export function withSettings<R>(settings: S3Settings | undefined, work: () => R): R {
  if (settings === undefined) return work()
  // Most runs have nothing of the kind, and need not pay for the store.
  const plain = Object.values(settings).every((value) => value === undefined)
  return plain && store.getStore() === undefined ? work() : store.run(settings, work)
}

/** What was configured for the work at hand. */
export function ownSettings(): S3Settings | undefined {
  return store.getStore()
}

/** That, and what the environment says where it says nothing. */
export function s3Settings(): S3Settings {
  return serviceSettings('S3')
}

/** The same for any service: one endpoint is that of them all, as with LocalStack, unless a variable names its own. */
export function serviceSettings(service: 'S3' | 'SQS' | 'SNS'): S3Settings {
  const { region, endpoint = endpointFor(service), pathStyle } = store.getStore() ?? {}
  return { region, endpoint, pathStyle }
}

/** An empty variable is none. */
function endpointFor(service: string): string | undefined {
  const name = [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL'].find((one) => (process.env[one] ?? '') !== '')
  const endpoint = name === undefined ? undefined : process.env[name]
  if (endpoint === undefined || (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint))) return endpoint
  throw new SluiceError('config-invalid', `${name} must be a URL such as http://localhost:9000.`)
}

const store = new AsyncLocalStorage<S3Settings>()
