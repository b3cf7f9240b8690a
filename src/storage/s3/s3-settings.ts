import { AsyncLocalStorage } from 'node:async_hooks'
import type { Settings } from '../../config/settings.ts'

/** Which S3 to talk to; the SDK finds the rest. */
export interface S3Settings {
  readonly region: string | undefined
  readonly endpoint: string | undefined
  readonly pathStyle: boolean | undefined
}

/**
 * Does some work with the S3 of these settings. A process may have runs in several environments at a time, and none of
 * them must reach into another.
 */
export function withS3<R>(settings: Pick<Settings, 'region' | 'endpoint' | 'pathStyle'>, work: () => R): R {
  const { region, endpoint, pathStyle } = settings
  const own = { region: region.value, endpoint: endpoint.value, pathStyle: pathStyle.value }
  // Most runs have nothing of the kind, and need not pay for the store.
  const plain = Object.values(own).every((value) => value === undefined)
  return plain ? work() : store.run(own, work)
}

export function s3Settings(): S3Settings {
  const { AWS_ENDPOINT_URL_S3: own, AWS_ENDPOINT_URL: common } = process.env
  const { region, endpoint = own ?? common, pathStyle } = store.getStore() ?? {}
  return { region, endpoint, pathStyle }
}

const store = new AsyncLocalStorage<S3Settings>()
