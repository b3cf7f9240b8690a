/**
 * Whole runs against an S3 that others wrote: moto's, by `npm run test:interop`. It bears witness to uploads, manifests,
 * listings, ranges, and to conditional writes but for one: it completes an upload whatever `If-Match` says, so that only
 * our own server proves that two runs which replace one object do not both win.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { readRows } from '../sources/rows.ts'
import { defineJob, type Job } from './job.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { RemoteState } from './remote-state.ts'
import { runJob } from './run.ts'
import { remoteState } from './state-directory.ts'

const { INTEROP_BUCKET: Bucket } = process.env
const LAKE = `s3://${Bucket}/runs`

describe('runs against the S3 of others', { skip: Bucket === undefined && 'npm run test:interop runs it' }, () => {
  let client: S3Client
  let box: string
  before(() => {
    box = mkdtempSync(join(tmpdir(), 'sluice-interop-'))
    client = new S3Client({ forcePathStyle: true })
    process.env['SLUICE_COPY'] = join(box, 'copies')
  })
  after(() => {
    client.destroy()
    rmSync(box, { recursive: true, force: true })
  })

  for (const where of ['here', 'on S3']) {
    for (const to of ['out.csv', 'out/']) {
      it(`read objects and write ${to}, the state ${where}`, async () => {
        const place = `${where === 'here' ? 'here' : 's3'}-${to.replace(/\W/g, '')}`
        const state = where === 'here' ? join(box, place) : `${LAKE}/${place}/state/`
        await put(`${place}/in/1.csv`, 'id,v\n1,a\n2,b\n')
        await put(`${place}/in/2.csv.gz`, gzipSync('id,v\n3,c\n2,again\n'))
        const target = `${LAKE}/${place}/${to}`
        for (const version of ['first', 'second']) {
          const job = copy(`${LAKE}/${place}/in/`, target, version)
          const report = await runJob(job, { state, runId: version })
          assert.deepEqual([report.status, report.rows.rejected], ['committed', 1])
          assert.deepEqual(await uploads(place), [])
        }
        const rows =
          to === 'out/'
            ? 'id,v\n1,a second\n2,b second\nid,v\n3,c second\n'
            : 'id,v\n1,a second\n2,b second\n3,c second\n'
        assert.equal(await published(`${place}/${to}`), rows)
        const refused = runJob({ ...copy(`${LAKE}/${place}/in/`, target, 'third'), onInvalid: 'fail' }, { state })
        await assert.rejects(refused, { code: 'validation-failed' })
        assert.equal(await published(`${place}/${to}`), rows)
        assert.deepEqual(await uploads(place), [])
        if (where === 'here') return
        assert.deepEqual(await keys(`${place}/state/runs/`), [])
        const nothing = await recover({ state: remoteState(new RemoteState(state)), log: silentLogger })
        assert.deepEqual(nothing, { runs: [], exitCode: 0 })
      })
    }
  }

  it('race for an object that is not there yet, and exactly one wins', async () => {
    const { promise: met, resolve } = Promise.withResolvers<void>()
    let waiting = 0
    const racer = (v: string) =>
      runJob(
        defineJob({
          name: 'race',
          extract: () =>
            readRows(
              (async function* () {
                yield { id: '1', v }
                if (++waiting === 2) resolve()
                await met
              })(),
            ),
          load: () => writeCsv(`${LAKE}/race/out.csv`),
        }),
        { state: join(box, v) },
      )
    const ended = await Promise.allSettled([racer('one'), racer('two')])
    const lost = ended.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    assert.deepEqual(
      lost.map(({ reason }) => reason.code),
      ['target-moved'],
    )
    const winner = ended[0].status === 'fulfilled' ? 'one' : 'two'
    assert.equal(await published('race/out.csv'), `id,v\n1,${winner}\n`)
    assert.deepEqual(await uploads('race'), [])
  })

  it('write more than one part', async () => {
    const v = 'x'.repeat(400)
    const rows = function* () {
      for (let id = 0; id < 50_000; id++) yield { id: `${id}`, v }
    }
    const job = defineJob({
      name: 'long',
      extract: () => readRows(rows()),
      load: () => writeCsv(`${LAKE}/long/out.csv`),
    })
    const report = await runJob(job, { state: join(box, 'long') })
    const text = await published('long/out.csv')
    assert.deepEqual([report.outputs[0]?.bytes, text.split('\n').length], [text.length, 50_002])
    assert.deepEqual(await uploads('long'), [])
  })

  async function put(key: string, Body: string | Buffer): Promise<void> {
    await client.send(new PutObjectCommand({ Bucket, Key: `runs/${key}`, Body }))
  }

  async function published(key: string): Promise<string> {
    if (!key.endsWith('/')) return await textAt(`runs/${key}`)
    const { files } = JSON.parse(await textAt(`runs/${key}_manifest.json`))
    return (await Promise.all(files.map((file: { key: string }) => textAt(file.key)))).join('')
  }

  async function textAt(Key: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    return (await Body?.transformToString()) as string
  }

  async function uploads(place: string): Promise<readonly string[]> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
    return Uploads.map(({ Key = '' }) => Key).filter((key) => key.startsWith(`runs/${place}/`))
  }

  async function keys(prefix: string): Promise<readonly string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `runs/${prefix}` }))
    return Contents.map(({ Key = '' }) => Key)
  }
})

/** Quarantines a row that is there twice. */
function copy(from: string, to: string, version: string): Job {
  return defineJob({
    name: 'copy',
    extract: () => readCsv(from),
    transform: (rows) => rows.withColumn('v', (v) => `${v} ${version}`),
    validate: { uniqueColumns: ['id'] },
    onInvalid: 'quarantine',
    load: () => writeCsv(to),
  })
}
