import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readRows } from '../sources/rows.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { defineJob } from './job.ts'
import { copyJob, published, type S3Scene, type S3Scenes, startS3Scenes, strays } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

const ROWS = 'id,v\n1,one\n'
const CONFLICT = { kind: 'status', status: 409, code: 'ConditionalRequestConflict' } as const

describe('a run whose writes meet those of others', () => {
  let s3: S3Scenes
  let scene: S3Scene
  let bucket: Bucket

  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    bucket = scene.addBucket('lake')
    await scene.put('s3://lake/in.csv', ROWS)
  })
  beforeEach(() => scene.server.faults.clear())
  after(() => s3[Symbol.asyncDispose]())

  for (const [to, visible] of [
    ['out.csv', 'out.csv'],
    ['out/', 'out/_manifest.json'],
  ] as const) {
    it(`finds that the target moved when somebody removed it, and leaves nothing: ${to}`, async () => {
      const state = join(s3.path, `state-${visible.length}`)
      await scene.run(copyJob('s3://lake/in.csv', `s3://lake/${to}`), { state })
      const late = defineJob({
        name: 'late',
        extract: () => readRows(removing()),
        load: () => writeCsv(`s3://lake/${to}`),
      })
      async function* removing() {
        yield { id: '1', v: 'late' }
        bucket.delete(visible)
      }
      await assert.rejects(scene.run(late, { state, runId: 'late' }), { code: 'target-moved', exitCode: 4 })
      assert.equal(await published(bucket, to), null)
      assert.equal(bucket.uploads.size, 0)
      assert.deepEqual(
        (await strays(bucket, to)).filter((key) => key.includes('late')),
        [],
      )
      assert.deepEqual((await scene.recover(state)).runs, [])
    })
  }

  for (const key of [/journal\.jsonl$/, /leases\//, /_manifest\.json$/]) {
    it(`tries a conditional write again that S3 says was in conflict: ${key.source}`, async () => {
      for (let skip = 0; skip < 3; skip++) {
        scene.server.faults.clear()
        scene.server.faults.add({ operation: 'PutObject', key, skip, times: 2, fault: CONFLICT })
        const job = copyJob('s3://lake/in.csv', 's3://lake/again/')
        assert.equal((await scene.run(job, { state: 's3://lake/state/' })).status, 'committed')
      }
      assert.deepEqual(await strays(bucket, 'again/'), [])
    })
  }
})
