import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib'
import type { SluiceError } from '../errors.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { copyJob, published, type S3Scene, type S3Scenes, startS3Scenes, strays } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

const TEXT = `id,v\n${Array.from({ length: 5000 }, (_, row) => `${row},value ${row * 7919}\n`).join('')}`
const PACKERS = [
  ['gzip', '.gz', gzipSync],
  ['br', '.br', brotliCompressSync],
  ['zstd', '.zst', (text: string) => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
] as const

describe('what is read from S3', () => {
  let s3: S3Scenes
  let scene: S3Scene
  let bucket: Bucket
  let runs = 0

  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    bucket = scene.addBucket('lake')
  })
  after(() => s3[Symbol.asyncDispose]())

  /** Copies to an object of its own; resolves to what it holds, or to the error when nothing was written. */
  async function copied(from: string): Promise<string | SluiceError> {
    const key = `out-${runs++}.csv`
    const ended = await load(from, `s3://lake/${key}`)
    const now = await published(bucket, key)
    assert.deepEqual(await strays(bucket, key), [])
    if (ended === undefined) return now as string
    assert.equal(now, null)
    return ended
  }

  async function load(from: string, to: string): Promise<SluiceError | undefined> {
    return await scene.run(copyJob(from, to), { state: join(s3.path, 'state') }).then(
      () => undefined,
      (error) => error as SluiceError,
    )
  }

  for (const [encoding, extension, pack] of PACKERS) {
    it(`is unpacked when its name ends in ${extension}, on S3 and on disk`, async () => {
      await scene.put(`s3://lake/packed.csv${extension}`, pack(TEXT))
      assert.equal(await copied(`s3://lake/packed.csv${extension}`), TEXT)
      const local = join(s3.path, `packed.csv${extension}`)
      writeFileSync(local, pack(TEXT))
      assert.equal(await copied(local), TEXT)
    })

    it(`is unpacked when S3 says that it is ${encoding}`, async () => {
      await scene.put(`s3://lake/${encoding}.csv`, pack(TEXT), { ContentEncoding: encoding })
      assert.equal(await copied(`s3://lake/${encoding}.csv`), TEXT)
    })

    it(`fails the run when it is ${encoding} that ends too early or is spoilt`, async () => {
      const packed = pack(TEXT)
      const spoilt = Buffer.from(packed)
      const middle = packed.length >> 1
      spoilt.fill(0x5a, middle, middle + 16)
      const bad = { cut: packed.subarray(0, packed.length - 20), half: packed.subarray(0, middle), spoilt }
      for (const [name, bytes] of Object.entries({ ...bad, plain: Buffer.from(TEXT) })) {
        await scene.put(`s3://lake/${name}.csv${extension}`, bytes)
        const local = join(s3.path, `${name}.csv${extension}`)
        writeFileSync(local, bytes)
        for (const from of [`s3://lake/${name}.csv${extension}`, local]) {
          const error = await copied(from)
          assert.ok(typeof error !== 'string', `${from} was loaded`)
          assert.deepEqual([error.code, error.exitCode], ['source-failed', 4])
          assert.ok(error.message.includes(from), error.message)
        }
      }
    })
  }

  it('is refused when S3 says that it is packed in a way that is not unpacked, and by no other word', async () => {
    for (const [name, ContentEncoding] of [
      ['deflate', 'deflate'],
      ['twice', 'gzip,br'],
    ] as const) {
      await scene.put(`s3://lake/coded/${name}`, TEXT, { ContentEncoding })
      const { code, message } = (await copied(`s3://lake/coded/${name}`)) as SluiceError
      assert.equal(code, 'source-failed')
      assert.match(
        message,
        new RegExp(`coded/${name} has the Content-Encoding ${ContentEncoding}, which is not unpacked`),
      )
    }
    await scene.put('s3://lake/coded/plain', TEXT, { ContentEncoding: 'UTF-8' })
    assert.equal(await copied('s3://lake/coded/plain'), TEXT)
  })

  it('may be gzip of several members, as append makes it', async () => {
    const half = TEXT.indexOf('\n', TEXT.length / 2) + 1
    const members = [TEXT.slice(0, half), TEXT.slice(half)].map((text) => gzipSync(text))
    await scene.put('s3://lake/members.csv.gz', Buffer.concat(members))
    assert.equal(await copied('s3://lake/members.csv.gz'), TEXT)
  })

  it('is unpacked whole, through resets', async () => {
    await scene.put('s3://lake/resets.csv.gz', gzipSync(TEXT))
    for (const bytes of [10, 5000, 1]) {
      scene.server.faults.add({
        operation: 'GetObject',
        key: 'resets.csv.gz',
        times: 1,
        fault: { kind: 'resetAfter', bytes },
      })
    }
    assert.equal(await copied('s3://lake/resets.csv.gz'), TEXT)
  })

  it('is all objects of a prefix in the order of their keys, without hidden ones', async () => {
    const keys = ['b/1.csv', 'a.csv', 'B.csv', 'ä.csv', '_hidden.csv', 'b/.hidden.csv', '~.csv', '\u{1F600}.csv']
    for (const [id, key] of keys.entries()) await scene.put(`s3://lake/many/${key}`, `id,v\n${id},${key}\n`)
    await scene.put('s3://lake/many/empty-folder/', '')
    const order = ['B.csv', 'a.csv', 'b/1.csv', '~.csv', 'ä.csv', '\u{1F600}.csv']
    const rows = order.map((key) => `${keys.indexOf(key)},${key}\n`)
    assert.equal(await copied('s3://lake/many/'), `id,v\n${rows.join('')}`)
  })

  it('is refused where objects have other columns, and the error names both', async () => {
    await scene.put('s3://lake/headers/1.csv', 'id,v\n1,a\n')
    await scene.put('s3://lake/headers/2.csv', 'id,w,v\n2,b,c\n')
    const error = (await copied('s3://lake/headers/')) as SluiceError
    assert.ok([3, 4].includes(error.exitCode))
    assert.match(error.message, /s3:\/\/lake\/headers\/2\.csv/)
    assert.match(error.message, /s3:\/\/lake\/headers\/1\.csv|id, v/)
  })

  it('is what the manifest of a prefix names, where Sluice wrote it', async () => {
    for (const version of ['first', 'second']) {
      await scene.put('s3://lake/version.csv', `id,v\n1,${version}\n`)
      assert.equal(await load('s3://lake/version.csv', 's3://lake/written/'), undefined)
    }
    assert.equal(await copied('s3://lake/written/'), 'id,v\n1,second\n')
    const manifest = JSON.parse((await text('written/_manifest.json')) as string)
    assert.equal(manifest.previous.length, 1)
    bucket.delete(manifest.files[0].key)
    const error = (await copied('s3://lake/written/')) as SluiceError
    assert.equal(error.code, 'source-not-found')
    assert.match(
      error.message,
      /The manifest of s3:\/\/lake\/written\/ names s3:\/\/lake\/written\/_runs\/.* not there/,
    )
  })

  it('is not loaded when it was replaced during the run', async () => {
    await scene.put('s3://lake/changing.csv', TEXT)
    scene.server.faults.add({
      operation: 'GetObject',
      key: 'changing.csv',
      times: 1,
      fault: { kind: 'stall', bytes: 1000 },
    })
    const running = copied('s3://lake/changing.csv')
    await new Promise((wake) => setTimeout(wake, 150))
    await scene.put('s3://lake/changing.csv', TEXT.replaceAll('value', 'other'))
    const error = (await running) as SluiceError
    assert.deepEqual([error.code, error.exitCode], ['source-changed', 4])
  })

  it('is not said to have a wrong key when it was removed during the run', async () => {
    await scene.put('s3://lake/going.csv', TEXT)
    const { faults } = scene.server
    faults.add({ operation: 'GetObject', key: 'going.csv', times: 1, fault: { kind: 'stall', bytes: 1000 } })
    const running = copied('s3://lake/going.csv')
    await new Promise((wake) => setTimeout(wake, 150))
    bucket.delete('going.csv')
    const { code, message } = (await running) as SluiceError
    assert.equal(code, 'source-not-found')
    assert.match(message, /going\.csv vanished while it was read\./)
  })

  it('is not loaded when a byte of it is not what S3 has the checksum of', async () => {
    await scene.put('s3://lake/corrupt.csv', TEXT)
    scene.server.faults.add({
      operation: 'GetObject',
      key: 'corrupt.csv',
      times: 1,
      fault: { kind: 'corrupt', byte: 50_000 },
    })
    const error = (await copied('s3://lake/corrupt.csv')) as SluiceError
    assert.deepEqual([error.code, error.exitCode], ['source-failed', 4])
    assert.match(error.message, /s3:\/\/lake\/corrupt\.csv are not those that S3 has the checksum of/)
  })

  it('is waited for no longer when the run is interrupted, not even its manifest', async () => {
    const { faults } = scene.server
    const silence = faults.add({ operation: 'GetObject', key: /_manifest/, fault: { kind: 'hang' } })
    const stop = new AbortController()
    const ended = scene.run(copyJob('s3://lake/many/', 's3://lake/late.csv'), {
      state: join(s3.path, 'state'),
      signal: stop.signal,
    })
    const refused = assert.rejects(ended, { code: 'interrupted' })
    while (silence.hits === 0) await new Promise((wake) => setTimeout(wake, 5))
    const start = performance.now()
    stop.abort()
    await refused
    assert.ok(performance.now() - start < 300)
    assert.equal(silence.hits, 1)
    faults.clear()
  })

  it('is missing in plain words', async () => {
    const folder = (await copied('s3://lake/many')) as SluiceError
    assert.match(folder.message, /For the objects below it write s3:\/\/lake\/many\/\./)
    const nothing = (await copied('s3://lake/nowhere/')) as SluiceError
    assert.match(nothing.message, /No object lies below s3:\/\/lake\/nowhere\//)
    const elsewhere = (await copied('s3://no-such-bucket/in.csv')) as SluiceError
    assert.match(elsewhere.message, /bucket/)
    for (const error of [folder, nothing, elsewhere]) assert.equal(error.code, 'source-not-found')
  })

  async function text(key: string): Promise<string | null> {
    return await published(bucket, key)
  }
})
