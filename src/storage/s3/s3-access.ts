import { AsyncLocalStorage } from 'node:async_hooks'
import type { S3Location } from './s3-location.ts'
import type { S3Settings } from './s3-settings.ts'

/** Somebody who lends credentials for places, such as the catalog of a table. */
export interface S3Access {
  /** Undefined: a place is reached as everything else is. */
  grantAt(place: S3Location): Promise<S3Grant | undefined>
}

/** How some places are reached. The same object for as long as its settings are the same. */
export interface S3Grant {
  /** What they leave open is as it is for the work at hand. */
  readonly settings: S3Settings
  /** Undefined: those of the process. */
  readonly credentials?: LentCredentials
}

/** Credentials that end, and that others take the place of. */
export interface LentCredentials {
  /** Counts them. */
  readonly version: number
  /** Those to sign the next request with. */
  current(): Promise<S3Credentials>
  /** S3 refused those of this version: others are wanted. */
  refused(version: number): void
}

/** Never written anywhere. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Does some work with what is lent; undefined: with nothing that is. */
export function withAccess<R>(access: S3Access | undefined, work: () => R): R {
  return access === store.getStore() ? work() : store.run(access, work)
}

/** What the work at hand may use for a place. */
export async function grantAt(place: S3Location): Promise<S3Grant | undefined> {
  return await store.getStore()?.grantAt(place)
}

/** For work that is asked for later, by somebody else: it has what is lent now. */
export function keepAccess(): <R>(work: () => R) => R {
  const access = store.getStore()
  return (work) => withAccess(access, work)
}

const store = new AsyncLocalStorage<S3Access | undefined>()
