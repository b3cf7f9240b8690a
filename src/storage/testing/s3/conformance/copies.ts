import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3'
import { type Checks, FOREIGN_ETAG, MIB, PART, refused, type Scene, type SceneUpload } from './scene.ts'

export const copyChecks: Checks = {
  'a copy has the bytes, the metadata and the ETag of its source': async (scene) => {
    const { ETag } = await scene.put(scene.key('source'), 'hello', { Metadata: { a: '1' }, ContentType: 'text/csv' })
    const { CopyObjectResult } = await copy(scene)
    assert.equal(CopyObjectResult?.ETag, ETag)
    assert.ok(CopyObjectResult?.LastModified instanceof Date)
    const { Metadata, ContentType } = await scene.head(scene.key('target'))
    assert.deepEqual([Metadata, ContentType], [{ a: '1' }, 'text/csv'])
    assert.equal(await scene.text(scene.key('target')), 'hello')
  },
  'a copy stays when its source goes': async (scene) => {
    await scene.put(scene.key('source'), 'hello')
    await copy(scene)
    await scene.delete(scene.key('source'))
    assert.equal(await scene.text(scene.key('target')), 'hello')
  },
  'a copy may replace the metadata': async (scene) => {
    await scene.put(scene.key('source'), 'hello', { Metadata: { a: '1' } })
    await copy(scene, { MetadataDirective: 'REPLACE', Metadata: { b: '2' } })
    assert.deepEqual((await scene.head(scene.key('target'))).Metadata, { b: '2' })
  },
  'a copy onto itself must change something': async (scene) => {
    await scene.put(scene.key('source'), 'hello')
    const Key = scene.key('source')
    await refused(copy(scene, { Key }), 400, 'InvalidRequest')
    await copy(scene, { Key, MetadataDirective: 'REPLACE', Metadata: { b: '2' } })
    assert.equal(await scene.text(Key), 'hello')
  },
  'a copy of a source that is not there is a 404': async (scene) => {
    await refused(copy(scene), 404, 'NoSuchKey')
  },
  'a copy takes keys of any characters': async (scene) => {
    await scene.put(scene.key('é b+c'), 'odd')
    await copy(scene, { CopySource: sourceOf(scene, 'é b+c') })
    assert.equal(await scene.text(scene.key('target')), 'odd')
  },
  'a copy with the ETag of its source is made': async (scene) => {
    const { ETag } = await scene.put(scene.key('source'), 'hello')
    await copy(scene, { CopySourceIfMatch: ETag })
    assert.equal(await scene.text(scene.key('target')), 'hello')
  },
  'a copy with another ETag of its source is a 412': async (scene) => {
    await scene.put(scene.key('source'), 'hello')
    await refused(copy(scene, { CopySourceIfMatch: FOREIGN_ETAG }), 412, 'PreconditionFailed')
    await refused(scene.get(scene.key('target')), 404, 'NoSuchKey')
  },
  'parts may be ranges of another object': async (scene) => {
    const body = randomBytes(6 * MIB)
    await scene.put(scene.key('source'), body)
    const upload = await scene.createUpload(scene.key('target'))
    const first = await copyPart(scene, upload, 1, { CopySourceRange: `bytes=1-${PART}` })
    const second = await copyPart(scene, upload, 2, { CopySourceRange: `bytes=${PART + 1}-${6 * MIB - 1}` })
    await scene.complete(upload, [
      { PartNumber: 1, ETag: first.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
    ])
    assert.ok((await scene.bytes(scene.key('target'))).equals(body.subarray(1)))
  },
  'a part may be a whole object, beside parts that were sent': async (scene) => {
    const body = randomBytes(PART)
    await scene.put(scene.key('source'), body)
    const upload = await scene.createUpload(scene.key('target'))
    const copied = await copyPart(scene, upload, 1, {})
    const sent = await scene.uploadPart(upload, 2, 'end')
    await scene.complete(upload, [
      { PartNumber: 1, ETag: copied.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: sent.ETag },
    ])
    assert.ok((await scene.bytes(scene.key('target'))).equals(Buffer.concat([body, Buffer.from('end')])))
  },
  'a range beyond the source is a 400': async (scene) => {
    await scene.put(scene.key('source'), randomBytes(PART + 1))
    const upload = await scene.createUpload(scene.key('target'))
    const copying = copyPart(scene, upload, 1, { CopySourceRange: `bytes=0-${PART + 1}` })
    await refused(copying, 400, 'InvalidArgument')
  },
  'a part with another ETag of its source is a 412': async (scene) => {
    await scene.put(scene.key('source'), 'hello')
    const upload = await scene.createUpload(scene.key('target'))
    await refused(copyPart(scene, upload, 1, { CopySourceIfMatch: FOREIGN_ETAG }), 412, 'PreconditionFailed')
  },
}

function sourceOf(scene: Scene, name: string): string {
  return `${scene.bucket}/${scene.key(name).split('/').map(encodeURIComponent).join('/')}`
}

function copy(scene: Scene, more: Partial<CopyObjectCommandInput> = {}) {
  const input = { Bucket: scene.bucket, Key: scene.key('target'), CopySource: sourceOf(scene, 'source'), ...more }
  return scene.client.send(new CopyObjectCommand(input))
}

function copyPart(scene: Scene, upload: SceneUpload, PartNumber: number, more: Partial<UploadPartCopyCommandInput>) {
  const input = { Bucket: scene.bucket, ...upload, PartNumber, CopySource: sourceOf(scene, 'source'), ...more }
  return scene.client.send(new UploadPartCopyCommand(input))
}
