import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  ListPartsCommand,
  type ListPartsCommandInput,
} from '@aws-sdk/client-s3'
import { type Checks, FOREIGN_ETAG, MIB, PART, refused, type Scene, type SceneUpload } from './scene.ts'

export const multipartChecks: Checks = {
  'parts become one object, with an ETag that tells how many there were': async (scene) => {
    const bodies = [randomBytes(PART), randomBytes(PART + 1), randomBytes(1000)]
    const { ETag, Key } = await scene.putParts(scene.key(), bodies)
    assert.match(ETag!, /^"[0-9a-f]{32}-3"$/)
    assert.equal(Key, scene.key())
    assert.equal((await scene.head(scene.key())).ETag, ETag)
    assert.ok((await scene.bytes(scene.key())).equals(Buffer.concat(bodies)))
  },
  'ranges reach across parts': async (scene) => {
    const bodies = [randomBytes(PART), randomBytes(1000)]
    await scene.putParts(scene.key(), bodies)
    const bytes = await scene.bytes(scene.key(), { Range: `bytes=${PART - 10}-${PART + 9}` })
    assert.ok(bytes.equals(Buffer.concat(bodies).subarray(PART - 10, PART + 10)))
  },
  'metadata, type and encoding of the creation come back with the object': async (scene) => {
    const Metadata = { 'sluice-run': 'a1' }
    const description = { Metadata, ContentType: 'text/csv', ContentEncoding: 'gzip' }
    const upload = await scene.createUpload(scene.key(), description)
    await scene.complete(upload, await scene.uploadParts(upload, ['x']))
    const answer = await scene.head(scene.key())
    assert.deepEqual([answer.Metadata, answer.ContentType, answer.ContentEncoding], [Metadata, 'text/csv', 'gzip'])
  },
  'nothing is visible before the completion': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await refused(scene.get(scene.key()), 404, 'NoSuchKey')
    assert.equal((await scene.list()).KeyCount, 0)
    await scene.complete(upload, parts)
    assert.equal(await scene.text(scene.key()), 'x')
  },
  'the old object stays until the completion, and after an abort': async (scene) => {
    await scene.put(scene.key(), 'old')
    const upload = await scene.createUpload(scene.key())
    await scene.uploadParts(upload, ['new'])
    assert.equal(await scene.text(scene.key()), 'old')
    await abort(scene, upload)
    assert.equal(await scene.text(scene.key()), 'old')
  },
  'a part that is sent again replaces the first one': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const [first] = await scene.uploadParts(upload, ['first'])
    const parts = await scene.uploadParts(upload, ['second'])
    await refused(scene.complete(upload, [first!]), 400, 'InvalidPart')
    await scene.complete(upload, parts)
    assert.equal(await scene.text(scene.key()), 'second')
  },
  'parts are put together by number, with gaps, whenever they came': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const last = await scene.uploadPart(upload, 10_000, 'end')
    const first = await scene.uploadPart(upload, 7, Buffer.alloc(PART, 'a'))
    const parts = [
      { PartNumber: 7, ETag: first.ETag },
      { PartNumber: 10_000, ETag: last.ETag },
    ]
    await scene.complete(upload, parts)
    assert.equal(await scene.text(scene.key(), { Range: `bytes=${PART - 2}-` }), 'aaend')
  },
  'parts that the completion does not list are left out': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const [first] = await scene.uploadParts(upload, ['first', 'second'])
    await scene.complete(upload, [first!])
    assert.equal(await scene.text(scene.key()), 'first')
  },
  'a part number is between 1 and 10,000': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    await refused(scene.uploadPart(upload, 10_001, 'x'), 400, 'InvalidArgument')
    await refused(scene.uploadPart(upload, 0, 'x'), 400, 'InvalidArgument')
  },
  'a part for another key is a 404 NoSuchUpload': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const other = { ...upload, Key: scene.key('other') }
    await refused(scene.uploadPart(other, 1, 'x'), 404, 'NoSuchUpload')
  },
  'a small part that is not the last one is a 400 EntityTooSmall': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, [Buffer.alloc(PART - 1), 'x'])
    await refused(scene.complete(upload, parts), 400, 'EntityTooSmall')
  },
  'a part with another ETag is a 400 InvalidPart': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    await scene.uploadParts(upload, ['x'])
    await refused(scene.complete(upload, [{ PartNumber: 1, ETag: FOREIGN_ETAG }]), 400, 'InvalidPart')
  },
  'a part that was never sent is a 400 InvalidPart': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const [part] = await scene.uploadParts(upload, [Buffer.alloc(PART)])
    await refused(scene.complete(upload, [part!, { ...part, PartNumber: 2 }]), 400, 'InvalidPart')
  },
  'parts out of order are a 400 InvalidPartOrder': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, [Buffer.alloc(PART), Buffer.alloc(PART)])
    await refused(scene.complete(upload, parts.toReversed()), 400, 'InvalidPartOrder')
  },
  'a completion without parts is a 400 MalformedXML': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    await refused(scene.complete(upload, []), 400, 'MalformedXML')
  },
  'a completion that was refused can be tried again': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await refused(scene.complete(upload, [{ PartNumber: 1, ETag: FOREIGN_ETAG }]), 400, 'InvalidPart')
    await scene.complete(upload, parts)
    assert.equal(await scene.text(scene.key()), 'x')
  },
  'a completion with another size than announced is a 400': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await refused(scene.complete(upload, parts, { MpuObjectSize: 999 }), 400, 'InvalidRequest')
    await scene.complete(upload, parts, { MpuObjectSize: 1 })
  },
  'a second completion is a 404 NoSuchUpload, and changes nothing': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await scene.complete(upload, parts)
    await refused(scene.complete(upload, parts), 404, 'NoSuchUpload')
    assert.equal(await scene.text(scene.key()), 'x')
  },
  'an aborted upload takes no parts and no completion': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const parts = await scene.uploadParts(upload, ['x'])
    await abort(scene, upload)
    await refused(scene.uploadPart(upload, 2, 'y'), 404, 'NoSuchUpload')
    await refused(scene.complete(upload, parts), 404, 'NoSuchUpload')
  },
  'an upload that is not there cannot be aborted': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    await abort(scene, upload)
    await refused(abort(scene, upload), 404, 'NoSuchUpload')
  },
  'parts are listed by number, page by page': async (scene) => {
    const upload = await scene.createUpload(scene.key())
    const sizes = [MIB, 7, 3]
    await scene.uploadParts(
      upload,
      sizes.map((size) => Buffer.alloc(size)),
    )
    const first = await listParts(scene, upload, { MaxParts: 2 })
    const second = await listParts(scene, upload, { PartNumberMarker: first.NextPartNumberMarker })
    assert.deepEqual([first.IsTruncated, second.IsTruncated], [true, false])
    const parts = [...first.Parts!, ...second.Parts!]
    assert.deepEqual(
      parts.map(({ PartNumber, Size }) => [PartNumber, Size]),
      sizes.map((size, index) => [index + 1, size]),
    )
    assert.ok(parts.every(({ ETag }) => /^"[0-9a-f]{32}"$/.test(ETag!)))
  },
  'open uploads are listed by prefix, and no longer once they are ended': async (scene) => {
    const [one, two] = [await scene.createUpload(scene.key('one')), await scene.createUpload(scene.key('two'))]
    assert.deepEqual(await openUploads(scene), [one.UploadId, two.UploadId])
    assert.deepEqual(await openUploads(scene, { Prefix: scene.key('tw') }), [two.UploadId])
    await abort(scene, one)
    await scene.complete(two, await scene.uploadParts(two, ['x']))
    assert.deepEqual(await openUploads(scene), [])
  },
  'open uploads are listed page by page': async (scene) => {
    const uploads: SceneUpload[] = []
    for (const name of ['a', 'b', 'c']) uploads.push(await scene.createUpload(scene.key(name)))
    const input = { Bucket: scene.bucket, Prefix: scene.prefix, MaxUploads: 2 }
    const first = await scene.client.send(new ListMultipartUploadsCommand(input))
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = first
    const second = await scene.client.send(new ListMultipartUploadsCommand({ ...input, KeyMarker, UploadIdMarker }))
    const ids = [...first.Uploads!, ...second.Uploads!].map(({ UploadId }) => UploadId)
    assert.deepEqual(
      ids,
      uploads.map(({ UploadId }) => UploadId),
    )
    assert.deepEqual([first.IsTruncated, second.IsTruncated], [true, false])
  },
}

async function abort({ client, bucket }: Scene, upload: SceneUpload): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, ...upload }))
}

function listParts({ client, bucket }: Scene, upload: SceneUpload, more: Partial<ListPartsCommandInput>) {
  return client.send(new ListPartsCommand({ Bucket: bucket, ...upload, ...more }))
}

async function openUploads(
  { client, bucket, prefix }: Scene,
  more: Partial<ListMultipartUploadsCommandInput> = {},
): Promise<(string | undefined)[]> {
  const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...more })
  const { Uploads, Bucket } = await client.send(command)
  assert.equal(Bucket, bucket)
  return Uploads?.map(({ UploadId }) => UploadId) ?? []
}
