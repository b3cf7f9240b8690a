import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogConfig } from '../../config/catalog-config.ts'
import { writeCsv } from '../../sinks/csv.ts'
import { readIceberg } from '../../sources/iceberg.ts'
import { reachTable, workOn } from '../../storage/iceberg/reach-table.ts'
import type { TableMetadata } from '../../storage/iceberg/table-metadata.ts'
import { namedFiles } from '../../storage/iceberg/testing/named-files.ts'
import { VendingLake } from '../../storage/iceberg/testing/vending-lake.ts'
import { type S3Server, startS3Server } from '../../storage/testing/s3/s3-server.ts'
import type { Job } from '../job.ts'
import { runJob } from '../run.ts'
import { sandbox } from './sandbox.ts'

/**
 * Tables on an S3 in this process, which processes that are killed reach as well: the environment says where it is. Those
 * of a REST catalog are reached by nothing but what that gives, which a test may end.
 */
export class LakeOnS3 implements AsyncDisposable {
  readonly path: string
  readonly catalog: CatalogConfig
  readonly expire: () => void
  readonly #s3: S3Server
  readonly #stop: () => Promise<void>
  #reads = 0

  private constructor(
    path: string,
    catalog: CatalogConfig,
    s3: S3Server,
    stop: () => Promise<void>,
    expire = () => {},
  ) {
    this.path = path
    this.catalog = catalog
    this.#s3 = s3
    this.#stop = stop
    this.expire = expire
  }

  static async ofSql(): Promise<LakeOnS3> {
    const box = sandbox('lake-on-s3')
    const s3 = await startS3Server({ buckets: ['lake'] })
    const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' }
    Object.assign(process.env, { ...credentials, AWS_ENDPOINT_URL_S3: s3.endpoint })
    const catalog = { type: 'sql', uri: `file:${box.path}/catalog.db`, warehouse: 's3://lake/wh' } as const
    return new LakeOnS3(box.path, catalog, s3, async () => {
      await s3.close()
      box[Symbol.dispose]()
    })
  }

  static async ofRest(): Promise<LakeOnS3> {
    const box = sandbox('lake-on-s3')
    const lake = await VendingLake.start()
    delete process.env['AWS_ENDPOINT_URL_S3']
    const catalog = { type: 'rest', uri: lake.catalog.uri, warehouse: 'wh' } as const
    const stop = async () => {
      await lake[Symbol.asyncDispose]()
      box[Symbol.dispose]()
    }
    return new LakeOnS3(box.path, catalog, lake.s3, stop, () => lake.expire())
  }

  /** What Sluice reads, in the order of the lines; undefined when there is no table. */
  async rows(table: string): Promise<string | undefined> {
    if ((await this.metadata(table)) === undefined) return undefined
    const out = join(this.path, `read-${this.#reads++}.csv`)
    const extract = readIceberg(table, { catalog: this.catalog })
    await runJob({ name: 'read', extract, load: writeCsv(out) } as Job, { state: `${out}-state` })
    return readFileSync(out, 'utf8').split('\n').sort().join('\n')
  }

  async metadata(location: string): Promise<TableMetadata | undefined> {
    const reached = reachTable(location, this.catalog)
    return await workOn(reached, async (catalog) => (await catalog.load(reached.table))?.metadata)
  }

  /** Objects below the folder of a table that it does not name, and uploads that are open. */
  async orphans(location: string): Promise<readonly string[]> {
    const reached = reachTable(location, this.catalog)
    const metadata = await this.metadata(location)
    const named = await workOn(reached, async () =>
      metadata === undefined ? new Set<string>() : await namedFiles(metadata),
    )
    const { objects, uploads } = this.#s3.buckets.get('lake')!
    const folder = `wh/${reached.table.namespace.join('/')}/${reached.table.name}`
    const keys = [...objects.keys()].filter((key) => key.startsWith(`${folder}/`) || key.startsWith(`${folder}-`))
    const current = keys
      .filter((key) => key.endsWith('.metadata.json'))
      .sort()
      .at(-1)
    const open = [...uploads.values()].map(({ key }) => `upload ${key}`)
    return [...keys.filter((key) => key !== current && !named.has(`s3://lake/${key}`)), ...open]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }
}
