import type { S3Credentials } from '../s3/s3-access.ts'
import type { S3Settings } from '../s3/s3-settings.ts'

/** What a catalog gives to reach the files of a table: in memory only. */
export interface VendedStorage {
  /** Of addresses, such as `s3://bucket/table`; empty for all. Of several the longest counts. */
  readonly prefix: string
  readonly settings: S3Settings
  /** None: those of the process. */
  readonly credentials?: S3Credentials
  /** Milliseconds since the epoch, where the catalog says when they end. */
  readonly expiresAt?: number
}
