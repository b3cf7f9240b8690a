import type { BodyFile } from '../bodies/content.ts'
import type { Store } from '../store.ts'

/** What an operation works with, for one request. */
export interface S3Context {
  readonly store: Store
  readonly region: string
  /** What all parts but the last must have at least. */
  readonly minimumPartBytes: number
  newBodyFile(): BodyFile
  /** Whether the credential of the request permits an action such as s3:GetObject. */
  may(action: string): boolean
}
