import assert from 'node:assert/strict'
import { type Checks, FOREIGN_ETAG, refused, type Scene } from './scene.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz'

export const readingChecks: Checks = {
  'a range has both ends in it': async (scene) => {
    await scene.put(scene.key(), ALPHABET)
    const answer = await scene.get(scene.key(), { Range: 'bytes=2-4' })
    assert.equal(answer.$metadata.httpStatusCode, 206)
    assert.equal(answer.ContentRange, 'bytes 2-4/26')
    assert.equal(answer.ContentLength, 3)
    assert.equal(await answer.Body!.transformToString(), 'cde')
  },
  'a range may be open at its end': async (scene) => {
    await expectRange(scene, 'bytes=23-', 'xyz')
  },
  'a range may count from the end': async (scene) => {
    await expectRange(scene, 'bytes=-2', 'yz')
  },
  'a suffix longer than the object is all of it': async (scene) => {
    await expectRange(scene, 'bytes=-100', ALPHABET)
  },
  'a range that reaches beyond the end stops there': async (scene) => {
    await expectRange(scene, 'bytes=24-100', 'yz')
  },
  'a range behind the end is a 416': async (scene) => {
    await scene.put(scene.key(), ALPHABET)
    await refused(scene.get(scene.key(), { Range: 'bytes=26-' }), 416, 'InvalidRange')
  },
  'an empty object has no range': async (scene) => {
    await scene.put(scene.key(), '')
    await refused(scene.get(scene.key(), { Range: 'bytes=0-' }), 416, 'InvalidRange')
  },
  'HEAD knows ranges': async (scene) => {
    await scene.put(scene.key(), ALPHABET)
    const { ContentLength, $metadata } = await scene.head(scene.key(), { Range: 'bytes=0-2' })
    assert.deepEqual([$metadata.httpStatusCode, ContentLength], [206, 3])
  },
  'If-Match of the ETag reads': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'x')
    assert.equal(await scene.text(scene.key(), { IfMatch: ETag }), 'x')
  },
  'If-Match of another ETag is a 412': async (scene) => {
    await scene.put(scene.key(), 'x')
    await refused(scene.get(scene.key(), { IfMatch: FOREIGN_ETAG }), 412, 'PreconditionFailed')
  },
  'If-Match with a range is a 412 once the object was replaced': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'old bytes')
    await scene.put(scene.key(), 'new bytes')
    const reading = scene.get(scene.key(), { IfMatch: ETag, Range: 'bytes=4-' })
    await refused(reading, 412, 'PreconditionFailed')
  },
  'HEAD with If-Match of another ETag is a 412': async (scene) => {
    await scene.put(scene.key(), 'x')
    await refused(scene.head(scene.key(), { IfMatch: FOREIGN_ETAG }), 412)
  },
  'If-None-Match of the ETag is a 304': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'x')
    await refused(scene.get(scene.key(), { IfNoneMatch: ETag }), 304)
    await refused(scene.head(scene.key(), { IfNoneMatch: ETag }), 304)
  },
  'If-None-Match of another ETag reads': async (scene) => {
    await scene.put(scene.key(), 'x')
    assert.equal(await scene.text(scene.key(), { IfNoneMatch: FOREIGN_ETAG }), 'x')
  },
  'If-Modified-Since the last change is a 304': async (scene) => {
    await scene.put(scene.key(), 'x')
    const { LastModified } = await scene.head(scene.key())
    await refused(scene.get(scene.key(), { IfModifiedSince: LastModified! }), 304)
  },
  'If-Unmodified-Since a day before the last change is a 412': async (scene) => {
    await scene.put(scene.key(), 'x')
    const yesterday = new Date(Date.now() - 86_400_000)
    await refused(scene.get(scene.key(), { IfUnmodifiedSince: yesterday }), 412, 'PreconditionFailed')
  },
  'the headers of an answer can be asked for': async (scene) => {
    await scene.put(scene.key(), 'x', { ContentType: 'text/plain' })
    const answer = await scene.get(scene.key(), {
      ResponseContentType: 'text/csv',
      ResponseContentEncoding: 'gzip',
      ResponseContentDisposition: 'attachment',
      ResponseCacheControl: 'no-cache',
    })
    assert.equal(answer.ContentType, 'text/csv')
    assert.equal(answer.ContentEncoding, 'gzip')
    assert.equal(answer.ContentDisposition, 'attachment')
    assert.equal(answer.CacheControl, 'no-cache')
  },
  'a request that nobody signed is a 403': async ({ client, bucket, prefix }) => {
    const { protocol, hostname, port = '' } = await client.config.endpoint!()
    const address = `${protocol}//${hostname}${port === '' ? '' : `:${port}`}/${bucket}/${prefix}none`
    const answer = await fetch(address)
    assert.equal(answer.status, 403)
    // A body that is not read keeps its connection, and the process.
    await answer.arrayBuffer()
  },
}

async function expectRange(scene: Scene, range: string, expected: string): Promise<void> {
  await scene.put(scene.key(), ALPHABET)
  assert.equal(await scene.text(scene.key(), { Range: range }), expected)
}
