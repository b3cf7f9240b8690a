import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { copyJob, type S3Scene, type S3Scenes, startS3Scenes } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

describe('what S3 refuses', () => {
  let s3: S3Scenes
  let scene: S3Scene

  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    scene.addBucket('lake')
    await scene.put('s3://lake/in/1.csv', 'id,v\n1,one\n')
    await scene.put('s3://lake/in.csv', 'id,v\n1,one\n')
  })
  beforeEach(() => {
    scene.server.credentials.clear()
    scene.server.faults.clear()
  })
  after(() => s3[Symbol.asyncDispose]())

  async function refusal(from: string, to = 's3://lake/out.csv'): Promise<SluiceError> {
    const ended = await scene.run(copyJob(from, to), { state: join(s3.path, 'state') }).catch((error) => error)
    assert.equal(ended.name, 'SluiceError')
    return ended as SluiceError
  }

  // The first request for an object is a HEAD, whose answer has no body.
  for (const from of ['s3://lake/in.csv', 's3://lake/in/']) {
    it(`is told with its reason: credentials for ${from}`, async () => {
      scene.server.credentials.set('test', { expired: true })
      assert.match((await refusal(from)).message, /expired\. The session token has expired: sign in again\.$/)
      scene.server.credentials.clear()
      scene.server.credentials.set('other', {})
      assert.match(
        (await refusal(from)).message,
        /Access Key Id .* does not exist in our records\. Check the credentials/,
      )
    })
  }

  it('is told as it stands where S3 gives no reason', async () => {
    scene.server.faults.add({ operation: 'HeadObject', fault: { kind: 'status', status: 400, code: 'BadRequest' } })
    assert.match((await refusal('s3://lake/in.csv')).message, /in\.csv: S3 answers with 400 and no reason\.$/)
  })

  it('is told with the address as it was written, dots included', async () => {
    scene.server.credentials.set('test', { allow: [] })
    assert.match((await refusal('s3://lake/a..b.csv')).message, /s3:\/\/lake\/a\.\.b\.csv: Access Denied\. Check/)
  })

  it('is a source that is not there, in a bucket that is not there', async () => {
    for (const from of ['s3://no-such-bucket/in.csv', 's3://no-such-bucket/in/']) {
      assert.equal((await refusal(from)).code, 'source-not-found')
    }
  })

  it('is an address that S3 cannot have, by the rule that it breaks', async () => {
    for (const [from, why] of [
      ['s3://', /s3:\/\/ is no address of an object/],
      ['s3://Lake/in.csv', /no bucket can be named Lake; names are 3 to 63 lower-case letters/],
      [`s3://lake/${'k'.repeat(1025)}`, /the key has 1025 bytes; S3 takes 1024/],
    ] as const) {
      const { code, message } = await refusal(from)
      assert.equal(code, 'usage')
      assert.match(message, why)
    }
  })
})
