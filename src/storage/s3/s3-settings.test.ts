import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startS3Server } from '../testing/s3/s3-server.ts'
import { listObjects } from './find-objects.ts'
import { s3Settings, withSettings } from './s3-settings.ts'

describe('the settings of S3', () => {
  before(() => {
    process.env['AWS_ACCESS_KEY_ID'] = 'test'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test'
  })

  it('are those of the work at hand, whatever else goes on in the process', async () => {
    await using one = await startS3Server({ buckets: ['one'] })
    await using two = await startS3Server({ buckets: ['two'] })
    const list = (endpoint: string, bucket: string) =>
      withSettings({ endpoint, region: 'us-east-1' }, async () => {
        for (let round = 0; round < 5; round++) {
          await sleep(1)
          assert.deepEqual(await listObjects({ bucket, key: '' }), [])
        }
      })
    await Promise.all([list(one.endpoint, 'one'), list(two.endpoint, 'two')])
    assert.equal(one.requests.count('ListObjectsV2'), 5)
    assert.equal(two.requests.count('ListObjectsV2'), 5)
  })

  it('leave open what only the environment says', () => {
    const common = process.env['AWS_ENDPOINT_URL']
    process.env['AWS_ENDPOINT_URL'] = 'http://common'
    try {
      assert.deepEqual(
        withSettings({ region: 'a-1' }, () => s3Settings()),
        { region: 'a-1', endpoint: 'http://common', pathStyle: undefined },
      )
      const own = withSettings({ endpoint: 'http://own' }, () => s3Settings())
      assert.equal(own.endpoint, 'http://own')
    } finally {
      if (common === undefined) delete process.env['AWS_ENDPOINT_URL']
      else process.env['AWS_ENDPOINT_URL'] = common
    }
  })

  it('take an empty variable for none, and refuse an endpoint that is no URL by the name of its variable', () => {
    const { AWS_ENDPOINT_URL_S3: before } = process.env
    try {
      process.env['AWS_ENDPOINT_URL_S3'] = ''
      assert.equal(s3Settings().endpoint, process.env['AWS_ENDPOINT_URL'])
      for (const wrong of ['nonsense', 'localhost:9000']) {
        process.env['AWS_ENDPOINT_URL_S3'] = wrong
        assert.throws(() => s3Settings(), { code: 'config-invalid', message: /^AWS_ENDPOINT_URL_S3 must be a URL/ })
      }
    } finally {
      if (before === undefined) delete process.env['AWS_ENDPOINT_URL_S3']
      else process.env['AWS_ENDPOINT_URL_S3'] = before
    }
  })
})
