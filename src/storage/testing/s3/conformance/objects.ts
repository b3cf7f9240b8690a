import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { type Checks, FOREIGN_ETAG, MIB, refused, type Scene } from './scene.ts'

export const objectChecks: Checks = {
  'what is put is read again, with its length and its MD5 as ETag': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'hello world')
    const answer = await scene.get(scene.key())
    assert.equal(ETag, '"5eb63bbbe01eeed093cb22bb8f5acdc3"')
    assert.equal(answer.ETag, ETag)
    assert.equal(answer.ContentLength, 11)
    assert.equal(await answer.Body!.transformToString(), 'hello world')
  },
  'an object may be empty': async (scene) => {
    await scene.put(scene.key(), '')
    assert.equal((await scene.head(scene.key())).ContentLength, 0)
    assert.equal(await scene.text(scene.key()), '')
  },
  '20 MiB go in one request': async (scene) => {
    const body = randomBytes(20 * MIB)
    await scene.put(scene.key(), body)
    assert.ok((await scene.bytes(scene.key())).equals(body))
  },
  'a stream of known length is stored without its framing': async (scene) => {
    const body = randomBytes(2 * MIB)
    await scene.put(scene.key(), Readable.from([body.subarray(0, 10), body.subarray(10)]), {
      ContentLength: body.length,
    })
    assert.ok((await scene.bytes(scene.key())).equals(body))
    assert.equal((await scene.head(scene.key())).ContentEncoding ?? '', '')
  },
  'the last of two writers of a key wins': async (scene) => {
    await scene.put(scene.key(), 'first, and longer')
    await scene.put(scene.key(), 'second')
    assert.equal(await scene.text(scene.key()), 'second')
  },
  'metadata, type and encoding come back on GET and HEAD': async (scene) => {
    const description = {
      Metadata: { 'run-id': 'a1', note: 'x=1; y="2"' },
      ContentType: 'text/csv; charset=utf-8',
      ContentEncoding: 'gzip',
      ContentDisposition: 'attachment; filename="a.csv"',
      ContentLanguage: 'en',
      CacheControl: 'no-store',
    }
    await scene.put(scene.key(), gzipSync('hi'), description)
    for (const answer of [await scene.head(scene.key()), await scene.get(scene.key())]) {
      const told = Object.keys(description).map((name) => [name, answer[name as keyof typeof description]])
      assert.deepEqual(Object.fromEntries(told), description)
    }
  },
  'an encoding stays when the body is a stream': async (scene) => {
    const body = gzipSync('hi')
    await scene.put(scene.key(), Readable.from([body]), { ContentLength: body.length, ContentEncoding: 'gzip' })
    assert.equal((await scene.head(scene.key())).ContentEncoding, 'gzip')
    assert.ok((await scene.bytes(scene.key())).equals(body))
  },
  'the time of the last change is known to the second': async (scene) => {
    const before = Date.now()
    await scene.put(scene.key(), 'x')
    const { LastModified } = await scene.head(scene.key())
    assert.equal(LastModified!.getTime() % 1000, 0)
    assert.ok(Math.abs(LastModified!.getTime() - before) < 60_000)
  },
  'reading a key that is not there is a 404 NoSuchKey': async (scene) => {
    await refused(scene.get(scene.key()), 404, 'NoSuchKey')
  },
  'HEAD of a key that is not there is a 404': async (scene) => {
    await refused(scene.head(scene.key()), 404, 'NotFound')
  },
  'a bucket that is not there is a 404 NoSuchBucket': async ({ client, bucket }) => {
    const input = { Bucket: `${bucket}-is-not-there`, Key: 'x' }
    await refused(client.send(new DeleteObjectCommand(input)), 404, 'NoSuchBucket')
  },
  'keys may hold whatever UTF-8 can': async (scene) => {
    const names = ['a b+c', 'é/ü', '😀', '100%', 'q?x=1&y#z', "it's*(!)", '~-_.', 'a=b;c,d', '<&">']
    for (const name of names) {
      await scene.put(scene.key(name), name)
      assert.equal(await scene.text(scene.key(name)), name)
    }
  },
  'keys may hold tabs and line ends, and are deleted by such names': async (scene) => {
    const key = scene.key('tab\tline\r\nend\n')
    await scene.put(key, 'odd')
    assert.equal(await scene.text(key), 'odd')
    assert.equal((await scene.list()).Contents?.[0]?.Key, key)
    await deleteKeys(scene, [key])
    await refused(scene.get(key), 404, 'NoSuchKey')
  },
  'dots in a key mean nothing': async (scene) => {
    await scene.put(scene.key('a/../b'), 'dots')
    await scene.put(scene.key('b'), 'plain')
    await scene.put(scene.key('c//d'), 'slashes')
    assert.equal(await scene.text(scene.key('a/../b')), 'dots')
    assert.equal(await scene.text(scene.key('c//d')), 'slashes')
  },
  'a key of 1,024 bytes is stored, a longer one refused': async (scene) => {
    const key = scene.key('').padEnd(1024, 'k')
    await scene.put(key, 'long')
    assert.equal(await scene.text(key), 'long')
    await refused(scene.put(`${key}k`, 'longer'), 400, 'KeyTooLongError')
  },
  'more than 2 KB of metadata are refused': async (scene) => {
    await refused(scene.put(scene.key(), 'x', { Metadata: { note: 'n'.repeat(2100) } }), 400, 'MetadataTooLarge')
  },
  'a deleted object is gone': async (scene) => {
    await scene.put(scene.key(), 'x')
    await scene.delete(scene.key())
    await refused(scene.get(scene.key()), 404, 'NoSuchKey')
  },
  'deleting what is not there is a 204': async (scene) => {
    const command = new DeleteObjectCommand({ Bucket: scene.bucket, Key: scene.key() })
    const { $metadata } = await scene.client.send(command)
    assert.equal($metadata.httpStatusCode, 204)
  },
  'deleting with If-Match of another ETag is a 412': async (scene) => {
    await scene.put(scene.key(), 'x')
    const command = new DeleteObjectCommand({ Bucket: scene.bucket, Key: scene.key(), IfMatch: FOREIGN_ETAG })
    await refused(scene.client.send(command), 412, 'PreconditionFailed')
    assert.equal(await scene.text(scene.key()), 'x')
  },
  'many keys are deleted by one request, those that are not there too': async (scene) => {
    const names = ['1', '2', '<&>', 'é😀']
    for (const name of names) await scene.put(scene.key(name), 'x')
    const keys = [...names, 'none'].map((name) => scene.key(name))
    const { Deleted, Errors } = await deleteKeys(scene, keys)
    assert.deepEqual(Deleted?.map(({ Key }) => Key).sort(), keys.toSorted())
    assert.deepEqual(Errors ?? [], [])
    assert.equal((await scene.list()).KeyCount, 0)
  },
  'a quiet deletion tells errors only': async (scene) => {
    await scene.put(scene.key(), 'x')
    const { Deleted } = await deleteKeys(scene, [scene.key()], true)
    assert.deepEqual(Deleted ?? [], [])
    await refused(scene.get(scene.key()), 404, 'NoSuchKey')
  },
  'more than 1,000 keys are not deleted by one request': async (scene) => {
    const keys = Array.from({ length: 1001 }, (_, index) => scene.key(String(index)))
    await refused(deleteKeys(scene, keys), 400, 'MalformedXML')
  },
}

function deleteKeys({ client, bucket }: Scene, keys: readonly string[], Quiet = false) {
  const Objects = keys.map((Key) => ({ Key }))
  return client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet } }))
}
