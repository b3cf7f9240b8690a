import { createHash, createHmac } from 'node:crypto'
import { SluiceError } from '../../../errors.ts'
import { connectS3 } from '../../s3/s3-client.ts'

export interface SignedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/**
 * Signs requests to AWS (Signature Version 4). Credentials and region are those that the SDK finds for S3. The path is
 * encoded once more for the signature, as all services but S3 want it.
 */
export async function sigV4(
  service: string,
  region: string | undefined,
): Promise<(request: SignedRequest) => Promise<Readonly<Record<string, string>>>> {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { config } = (await connectS3()).client
  const signer = new SignatureV4({
    service,
    region: region ?? (() => config.region()),
    credentials: () => config.credentials(),
    sha256: Sha256 as never,
  })
  return async ({ method, url, headers, body }) => {
    const request = {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
      ...(body === undefined ? {} : { body }),
    }
    try {
      const signed = await signer.sign(request)
      return signed.headers
    } catch (error) {
      // The SDK's message names where it looked, never what it found.
      const why = error instanceof Error ? error.message : String(error)
      const fix = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role; and AWS_REGION.'
      throw new SluiceError('secret-unavailable', `The catalog wants requests signed for AWS: ${why}. ${fix}`)
    }
  }
}

/** What the signer takes as a hash: plain, or keyed. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
}
