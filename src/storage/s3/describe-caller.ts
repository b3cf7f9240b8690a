import { connectS3 } from './s3-client.ts'
import { s3Settings } from './s3-settings.ts'

/** As whom and where the requests would be made; an error stands where nothing was found. */
export interface Caller {
  /** Undefined: that of AWS. */
  readonly endpoint: string | undefined
  readonly region: string | Error
  /** Its first and last letters: enough to know it again. */
  readonly accessKey: string | Error
  readonly account: string | undefined
  /** The credentials expire. */
  readonly session: boolean
}

/** Asks the SDK what it found, not AWS. */
export async function describeCaller(): Promise<Caller> {
  const { client } = await connectS3()
  const region = await client.config.region().catch(asError)
  const found = await client.config.credentials().catch(asError)
  const { endpoint } = s3Settings()
  if (found instanceof Error) return { endpoint, region, accessKey: found, account: undefined, session: false }
  const { accessKeyId: key, accountId: account, sessionToken } = found
  const accessKey = key.length > 8 ? `${key.slice(0, 4)}…${key.slice(-4)}` : '…'
  return { endpoint, region, accessKey, account, session: sessionToken !== undefined }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
