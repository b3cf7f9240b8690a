import assert from 'node:assert/strict'
import { HeadBucketCommand, ListBucketsCommand, type ListObjectsV2CommandInput } from '@aws-sdk/client-s3'
import { type Checks, refused, type Scene } from './scene.ts'

export const listingChecks: Checks = {
  'a listing tells key, size, ETag and time': async (scene) => {
    const { ETag } = await scene.put(scene.key(), 'hello')
    const { Contents, KeyCount, IsTruncated } = await scene.list()
    const [object] = Contents!
    assert.deepEqual([KeyCount, IsTruncated], [1, false])
    assert.deepEqual([object!.Key, object!.Size, object!.ETag], [scene.key(), 5, ETag])
    assert.ok(object!.LastModified instanceof Date)
  },
  'a new object is listed at once, a deleted one at once not': async (scene) => {
    await scene.put(scene.key(), 'x')
    assert.equal((await scene.list()).KeyCount, 1)
    await scene.delete(scene.key())
    assert.equal((await scene.list()).KeyCount, 0)
  },
  'keys come in the order of their bytes in UTF-8': async (scene) => {
    // By UTF-16 the emoji would stand before the full-width letter, by locale capitals beside small letters.
    const names = ['!', '0', 'A', 'B', '_', 'a', 'b', 'é', 'ａ', '😀']
    await putAll(scene, names.toReversed())
    assert.deepEqual(await listed(scene), names)
  },
  'pages of any size hold every key once': async (scene) => {
    const names = ['A', 'B', 'C', '_', 'a', 'a/1', 'b', 'é', 'ａ', '😀']
    await putAll(scene, names)
    for (const MaxKeys of [1, 3, 10]) assert.deepEqual(await listed(scene, { MaxKeys }), names)
  },
  'a page tells that more follows, and how to go on': async (scene) => {
    await putAll(scene, ['a', 'b', 'c'])
    const first = await scene.list({ MaxKeys: 2 })
    assert.deepEqual([first.IsTruncated, first.KeyCount, first.MaxKeys], [true, 2, 2])
    const second = await scene.list({ MaxKeys: 2, ContinuationToken: first.NextContinuationToken })
    assert.deepEqual([second.IsTruncated, second.KeyCount, second.NextContinuationToken], [false, 1, undefined])
  },
  'a page that is exactly full is the last one': async (scene) => {
    await putAll(scene, ['a', 'b'])
    assert.equal((await scene.list({ MaxKeys: 2 })).IsTruncated, false)
  },
  'a page without room is empty': async (scene) => {
    await putAll(scene, ['a'])
    const { KeyCount, IsTruncated } = await scene.list({ MaxKeys: 0 })
    assert.deepEqual([KeyCount, IsTruncated], [0, false])
  },
  'more than 1,000 keys for a page are not given': async (scene) => {
    const { MaxKeys } = await scene.list({ MaxKeys: 5000 })
    assert.equal(MaxKeys, 1000)
  },
  'a token that was never given is refused': async (scene) => {
    await refused(scene.list({ ContinuationToken: 'none of yours' }), 400, 'InvalidArgument')
  },
  'StartAfter leaves out keys up to it, whether it is there or not': async (scene) => {
    await putAll(scene, ['a', 'b', 'c'])
    assert.deepEqual(await listed(scene, { StartAfter: scene.key('a') }), ['b', 'c'])
    assert.deepEqual(await listed(scene, { StartAfter: scene.key('aa') }), ['b', 'c'])
  },
  'a prefix ends wherever it likes': async (scene) => {
    await putAll(scene, ['part-1', 'part-2', 'party', 'path'])
    assert.deepEqual(await listed(scene, { Prefix: scene.key('part') }), ['part-1', 'part-2', 'party'])
  },
  'a delimiter rolls keys up to common prefixes': async (scene) => {
    await putAll(scene, ['a', 'dir/1', 'dir/2', 'dir/sub/3', 'z/4'])
    const { Contents, CommonPrefixes, KeyCount } = await scene.list({ Delimiter: '/' })
    assert.deepEqual(
      relative(
        scene,
        Contents?.map(({ Key }) => Key!),
      ),
      ['a'],
    )
    assert.deepEqual(
      relative(
        scene,
        CommonPrefixes?.map(({ Prefix }) => Prefix!),
      ),
      ['dir/', 'z/'],
    )
    assert.equal(KeyCount, 3)
  },
  'pages with a delimiter hold every key and every common prefix once': async (scene) => {
    await putAll(scene, ['a/1', 'a/2', 'b', 'c/1', 'd', 'e/1', 'e/2', 'f/1', 'g'])
    for (const MaxKeys of [1, 2, 5]) {
      assert.deepEqual(await listed(scene, { Delimiter: '/', MaxKeys }), ['a/', 'b', 'c/', 'd', 'e/', 'f/', 'g'])
    }
  },
  'a delimiter may have several characters': async (scene) => {
    await putAll(scene, ['a--1', 'a--2', 'b'])
    assert.deepEqual(await listed(scene, { Delimiter: '--' }), ['a--', 'b'])
  },
  'names are encoded when it is asked for': async (scene) => {
    await putAll(scene, ['a b+c/é', 'x'])
    const { Contents, EncodingType } = await scene.list({ EncodingType: 'url' })
    assert.equal(EncodingType, 'url')
    const [key] = relative(
      scene,
      Contents?.map(({ Key }) => Key!),
    )
    assert.match(key!, /^a(%20|\+)b%2Bc\/%C3%A9$/i)
  },
  'a listing of a bucket that is not there is a 404': async (scene) => {
    const missing = { Bucket: `${scene.bucket}-is-not-there` } as Partial<ListObjectsV2CommandInput>
    await refused(scene.list(missing), 404, 'NoSuchBucket')
  },
  'HEAD of a bucket tells whether it is there': async ({ client, bucket }) => {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
    await refused(client.send(new HeadBucketCommand({ Bucket: `${bucket}-is-not-there` })), 404, 'NotFound')
  },
  'the bucket is among those of its owner': async ({ client, bucket }) => {
    const { Buckets } = await client.send(new ListBucketsCommand({}))
    assert.ok(Buckets?.some(({ Name }) => Name === bucket))
  },
}

async function putAll(scene: Scene, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => scene.put(scene.key(name), 'x')))
}

/** Keys and common prefixes of all pages. Within a page they come in two lists, so they are put in order again. */
async function listed(scene: Scene, query: Partial<ListObjectsV2CommandInput> = {}): Promise<string[]> {
  const names: string[] = []
  let token: string | undefined
  do {
    const page = await scene.list({ ...query, ...(token === undefined ? {} : { ContinuationToken: token }) })
    const keys = page.Contents?.map(({ Key }) => Key!) ?? []
    const prefixes = page.CommonPrefixes?.map(({ Prefix }) => Prefix!) ?? []
    names.push(...(prefixes.length === 0 ? keys : [...keys, ...prefixes].sort()))
    token = page.NextContinuationToken
  } while (token !== undefined)
  return relative(scene, names)
}

function relative({ prefix }: Scene, names: readonly string[] = []): string[] {
  return names.map((name) => name.slice(prefix.length))
}
