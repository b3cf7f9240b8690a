import assert from 'node:assert/strict'
import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { type Checks, FOREIGN_ETAG, refused } from './scene.ts'

const RACERS = 20

export const conditionChecks: Checks = {
  'PutObject If-None-Match * writes a new key': async (scene) => {
    await scene.put(scene.key(), 'new', { IfNoneMatch: '*' })
    assert.equal(await scene.text(scene.key()), 'new')
  },
  'PutObject If-None-Match * on a key that is there is a 412, and leaves it': async (scene) => {
    await scene.put(scene.key(), 'old')
    await refused(scene.put(scene.key(), 'new', { IfNoneMatch: '*' }), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key()), 'old')
  },
  'PutObject If-None-Match * writes a key that was deleted': async (scene) => {
    await scene.put(scene.key(), 'old')
    await scene.delete(scene.key())
    await scene.put(scene.key(), 'new', { IfNoneMatch: '*' })
  },
  'PutObject If-Match of the ETag replaces': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'old')
    await scene.put(scene.key(), 'new', { IfMatch: ETag })
    assert.equal(await scene.text(scene.key()), 'new')
  },
  'PutObject If-Match of an older ETag is a 412, and leaves the object': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'old')
    await scene.put(scene.key(), 'newer')
    await refused(scene.put(scene.key(), 'late', { IfMatch: ETag }), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key()), 'newer')
  },
  'PutObject If-Match on a key that is not there is a 404': async (scene) => {
    await refused(scene.put(scene.key(), 'x', { IfMatch: FOREIGN_ETAG }), 404, 'NoSuchKey')
  },
  'of 20 racing PutObject If-None-Match * exactly one wins, and its bytes stay': async (scene) => {
    const racing = Array.from({ length: RACERS }, (_, index) =>
      scene.put(scene.key(), `racer ${index}`, { IfNoneMatch: '*' }),
    )
    const outcomes = await Promise.allSettled(racing)
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
    assert.equal(winners.length, 1)
    assert.equal(await scene.text(scene.key()), `racer ${winners[0]}`)
  },
  'of 20 racing PutObject If-Match exactly one wins': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'base')
    const racing = Array.from({ length: RACERS }, (_, index) =>
      scene.put(scene.key(), `racer ${index}`, { IfMatch: ETag }),
    )
    const outcomes = await Promise.allSettled(racing)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  },
  'completion If-None-Match * writes a new key': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    await scene.complete(upload, await scene.uploadParts(upload, ['new']), { IfNoneMatch: '*' })
    assert.equal(await scene.text(scene.key()), 'new')
  },
  'completion If-None-Match * on a key that is there is a 412, and leaves it': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['new'])
    await scene.put(scene.key(), 'old')
    await refused(scene.complete(upload, parts, { IfNoneMatch: '*' }), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key()), 'old')
  },
  'completion If-Match of the ETag replaces': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'old')
    const upload = await scene.createUpload(scene.key())
    await scene.complete(upload, await scene.uploadParts(upload, ['new']), { IfMatch: ETag })
    assert.equal(await scene.text(scene.key()), 'new')
  },
  'completion If-Match of an older ETag is a 412, and leaves the object': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'old')
    await scene.put(scene.key(), 'newer')
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['late'])
    await refused(scene.complete(upload, parts, { IfMatch: ETag }), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key()), 'newer')
  },
  'completion If-Match on a key that is not there is a 404': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await refused(scene.complete(upload, parts, { IfMatch: FOREIGN_ETAG }), 404, 'NoSuchKey')
  },
  'of two uploads racing with If-None-Match * exactly one is completed': async (scene) => {
    const uploads = [await scene.createUpload(scene.key()), await scene.createUpload(scene.key())]
    const parts = [await scene.uploadParts(uploads[0]!, ['one']), await scene.uploadParts(uploads[1]!, ['two'])]
    const racing = uploads.map((upload, index) => scene.complete(upload, parts[index]!, { IfNoneMatch: '*' }))
    const outcomes = await Promise.allSettled(racing)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  },
  'CopyObject If-None-Match * on a key that is there is a 412, and leaves it': async (scene) => {
    await scene.put(scene.key('source'), 'new')
    await scene.put(scene.key('target'), 'old')
    const command = new CopyObjectCommand({
      Bucket: scene.bucket,
      Key: scene.key('target'),
      CopySource: `${scene.bucket}/${scene.key('source')}`,
      IfNoneMatch: '*',
    })
    await refused(scene.client.send(command), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key('target')), 'old')
  },
}
