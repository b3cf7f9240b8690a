import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { writeCsv } from '../../sinks/csv.ts'
import { readCsv } from '../../sources/csv.ts'
import { withSettings } from '../../storage/s3/s3-settings.ts'
import { type S3Server, type S3ServerOptions, startS3Server } from '../../storage/testing/s3/s3-server.ts'
import { Bucket } from '../../storage/testing/s3/store.ts'
import { testClient } from '../../storage/testing/s3/test-client.ts'
import { defineJob, type Job } from '../job.ts'
import { silentLogger } from '../logger.ts'
import { type Recovery, recover } from '../recovery.ts'
import type { RunReport } from '../report.ts'
import { type RunOptions, runJob } from '../run.ts'
import { locateState } from '../state-directory.ts'
import { sandbox } from './sandbox.ts'

/** Servers of S3 in this process, each the S3 of an environment of its own, so that runs may go on side by side. */
export interface S3Scenes extends AsyncDisposable {
  readonly path: string
  readonly scenes: readonly S3Scene[]
}

export async function startS3Scenes(count: number, options: S3ServerOptions = {}): Promise<S3Scenes> {
  const box = sandbox('s3')
  const servers = await Promise.all(Array.from({ length: count }, () => startS3Server(options)))
  const config = join(box.path, 'sluice.config.mjs')
  const environments = Object.fromEntries(
    servers.map(({ endpoint }, index) => [`s3-${index}`, { endpoint, region: 'us-east-1' }]),
  )
  writeFileSync(config, `export default ${JSON.stringify({ environments })}`)
  // What a run needs on this machine goes with the sandbox.
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    SLUICE_COPY: join(box.path, 'copies'),
  })
  return {
    path: box.path,
    scenes: servers.map((server, index) => new S3Scene(server, `s3-${index}`, config)),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.close()))
      box[Symbol.dispose]()
    },
  }
}

/** A server, and runs on it. */
export class S3Scene {
  readonly server: S3Server
  readonly #environment: string
  readonly #config: string

  constructor(server: S3Server, environment: string, config: string) {
    this.server = server
    this.#environment = environment
    this.#config = config
  }

  /** A bucket with what lies in another one, of this server or another. */
  addBucket(name: string, from?: Bucket): Bucket {
    const bucket = new Bucket()
    for (const [key, object] of from?.objects ?? []) bucket.put(key, object)
    const buckets = this.server.buckets as Map<string, Bucket>
    buckets.set(name, bucket)
    return bucket
  }

  removeBucket(name: string): void {
    const buckets = this.server.buckets as Map<string, Bucket>
    for (const key of [...(buckets.get(name)?.objects.keys() ?? [])]) buckets.get(name)?.delete(key)
    buckets.delete(name)
  }

  async put(location: string, body: string | Buffer, more: { readonly ContentEncoding?: string } = {}): Promise<void> {
    const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? []
    await testClient(this.server).send(new PutObjectCommand({ Bucket, Key, Body: body, ...more }))
  }

  run(job: Job, options: RunOptions): Promise<RunReport> {
    return runJob(job, { config: this.#config, environment: this.#environment, ...options })
  }

  recover(state: string, target?: string): Promise<Recovery> {
    const from = { from: 'flag', name: 'state' } as const
    const wish = target === undefined ? {} : { target }
    return withSettings({ endpoint: this.server.endpoint, region: 'us-east-1' }, () => {
      const place = locateState({ state: { value: state, ...from }, audit: { value: undefined, ...from } })
      return recover({ state: place, log: silentLogger, ...wish })
    })
  }
}

/** Identifiers are unique, and every row has a value. */
export function copyJob(
  from: string,
  to: string,
  more: Partial<Pick<Job, 'onInvalid'>> & { readonly keepVersions?: boolean } = {},
): Job {
  const { keepVersions, ...wish } = more
  return defineJob({
    name: 'copy',
    extract: () => readCsv(from),
    validate: { requiredColumns: ['v'], uniqueColumns: ['id'] },
    load: () => writeCsv(to, keepVersions === undefined ? {} : { keepVersions }),
    ...wish,
  })
}

/** What readers see of an object, or of a prefix that Sluice wrote; null for nothing. */
export async function published(bucket: Bucket, key: string): Promise<string | null> {
  if (!key.endsWith('/')) return await textAt(bucket, key)
  const manifest = await textAt(bucket, `${key}_manifest.json`)
  if (manifest === null) return null
  const keys = (JSON.parse(manifest) as { files: { key: string }[] }).files.map((file) => file.key)
  return (await Promise.all(keys.map((one) => textAt(bucket, one)))).map((text) => text ?? '(missing)').join('')
}

export async function textAt(bucket: Bucket, key: string): Promise<string | null> {
  const object = bucket.objects.get(key)
  if (object === undefined) return null
  return Buffer.concat(await Array.fromAsync(object.content.read())).toString()
}

/** Uploads that are open, and objects of runs below a prefix that its manifest does not name. */
export async function strays(bucket: Bucket, key: string): Promise<readonly string[]> {
  const uploads = [...bucket.uploads.values()].map((upload) => `upload to ${upload.key}`)
  const manifest = JSON.parse((await textAt(bucket, `${key}_manifest.json`)) ?? '{"previous":[]}')
  const named = [manifest.run_id, ...manifest.previous]
  const runs = [...bucket.objects.keys()].filter((one) => one.startsWith(`${key}_runs/`))
  const unnamed = runs.filter((one) => !named.includes(one.slice(`${key}_runs/`.length).split('/')[0]))
  return [...uploads, ...unnamed]
}
