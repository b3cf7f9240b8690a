import { after, before } from 'node:test'
import { type S3Server, startS3Server } from '../../testing/s3/s3-server.ts'
import { RestCatalogServer, type RestServerOptions } from './rest-catalog-server.ts'
import { TableScene } from './table-scene.ts'

/** What a catalog gives. */
interface Given {
  readonly accessKeyId: string
  readonly sessionToken: string
  readonly location: string
}

/**
 * An S3 that takes only what its catalog gives, and a catalog that gives something else each time it is asked. The process
 * itself has credentials that S3 refuses, and knows neither endpoint nor region.
 */
export class VendingLake implements AsyncDisposable {
  readonly s3: S3Server
  readonly catalog: RestCatalogServer
  readonly given: readonly Given[]
  /** What the catalog gives has ended already. */
  stale = false

  private constructor(s3: S3Server, catalog: RestCatalogServer, given: readonly Given[]) {
    this.s3 = s3
    this.catalog = catalog
    this.given = given
  }

  /** `lifeMs` is told to who asks, and true; without, credentials last until a test ends them. */
  static async start(
    { lifeMs, plain = false }: { readonly lifeMs?: number; readonly plain?: boolean } = {},
    options: Partial<RestServerOptions> = {},
  ): Promise<VendingLake> {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 'own', AWS_REGION: 'nowhere-1' })
    const s3 = await startS3Server({ buckets: ['lake'], credentials: { ROOT: {} } })
    const given: Given[] = []
    const vend = (location: string) => {
      const number = given.length + 1
      const one = { accessKeyId: `VENDED${number}`, sessionToken: `vended-token-${number}`, location }
      given.push(one)
      const credential = { sessionToken: one.sessionToken, expired: lake.stale }
      s3.credentials.set(one.accessKeyId, credential)
      if (lifeMs !== undefined) setTimeout(() => Object.assign(credential, { expired: true }), lifeMs).unref()
      const keys = {
        's3.access-key-id': one.accessKeyId,
        's3.secret-access-key': `vended-secret-${number}`,
        's3.session-token': one.sessionToken,
        ...(lifeMs === undefined ? {} : { 's3.session-token-expires-at-ms': String(Date.now() + lifeMs) }),
      }
      const place = { 's3.endpoint': s3.endpoint, 's3.path-style-access': 'true', 'client.region': 'us-east-1' }
      if (plain) return { config: { ...place, ...keys } }
      const decoy = { 's3.access-key-id': 'DECOY', 's3.secret-access-key': 'x' }
      const storage = [
        { prefix: 's3://lake', config: decoy },
        { prefix: location, config: keys },
        { prefix: `${location}-other`, config: decoy },
      ]
      return { config: { ...place, ...decoy }, 'storage-credentials': storage }
    }
    const catalog = await RestCatalogServer.start({ warehouse: 's3://lake/wh', vend, ...options })
    const lake = new VendingLake(s3, catalog, given)
    return lake
  }

  scene(): TableScene {
    return new TableScene('lake.silver.customers', () => ({ type: 'rest', uri: this.catalog.uri, warehouse: 'wh' }))
  }

  /** All that was given so far ends at once. */
  expire(): void {
    for (const { accessKeyId } of this.given) this.s3.credentials.get(accessKeyId)!.expired = true
  }

  keys(): readonly string[] {
    return [...(this.s3.buckets.get('lake')?.objects.keys() ?? [])].sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.catalog[Symbol.asyncDispose]()
    await this.s3.close()
  }
}

/** For the tests of a file: the endpoint comes from the catalog, and from nowhere else. Broken requests are soon made again. */
export function forgetEndpoint(): void {
  const endpoint = process.env['AWS_ENDPOINT_URL_S3']
  before(() => {
    delete process.env['AWS_ENDPOINT_URL_S3']
    process.env['SLUICE_S3_RETRY_MS'] = '1'
  })
  after(() => {
    if (endpoint !== undefined) process.env['AWS_ENDPOINT_URL_S3'] = endpoint
  })
}
