import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc'
import type { ChecksumAlgorithm, CompletedPart, UploadPartCommandOutput } from '@aws-sdk/client-s3'
import { type Checks, PART, refused, type Scene } from './scene.ts'

const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const

type Algorithm = (typeof ALGORITHMS)[number]

/** A checksum that is right for nothing, in the length of its algorithm. */
const WRONG: Readonly<Record<Algorithm, string>> = {
  CRC32: Buffer.alloc(4).toString('base64'),
  CRC32C: Buffer.alloc(4).toString('base64'),
  CRC64NVME: Buffer.alloc(8).toString('base64'),
  SHA1: Buffer.alloc(20).toString('base64'),
  SHA256: Buffer.alloc(32).toString('base64'),
}

export const checksumChecks: Checks = {
  ...Object.fromEntries(ALGORITHMS.flatMap(checksOf)),
  'a wrong Content-MD5 is refused, and nothing written': async (scene) => {
    await refused(scene.put(scene.key(), 'x', { ContentMD5: Buffer.alloc(16).toString('base64') }), 400, 'BadDigest')
    await refused(scene.get(scene.key()), 404, 'NoSuchKey')
  },
  'the right Content-MD5 is taken': async (scene) => {
    await scene.put(scene.key(), 'x', { ContentMD5: createHash('md5').update('x').digest('base64') })
  },
  'an object has a checksum also when the client asks for none': async (scene) => {
    await scene.put(scene.key(), 'x')
    const answer = await scene.head(scene.key(), { ChecksumMode: 'ENABLED' })
    assert.ok(ALGORITHMS.some((algorithm) => answer[`Checksum${algorithm}`] !== undefined))
  },
  'a part of an object has no checksum of the whole': async (scene) => {
    await scene.put(scene.key(), 'hello', { ChecksumAlgorithm: 'CRC32' })
    const answer = await scene.get(scene.key(), { ChecksumMode: 'ENABLED', Range: 'bytes=1-2' })
    assert.equal(answer.ChecksumCRC32, undefined)
    assert.equal(await answer.Body!.transformToString(), 'el')
  },
  'a part with a wrong checksum is refused': async (scene) => {
    const upload = await scene.createUpload(scene.key(), { ChecksumAlgorithm: 'CRC32' })
    await refused(scene.uploadPart(upload, 1, 'x', { ChecksumCRC32: WRONG.CRC32 }), 400, 'BadDigest')
  },
  'an upload for one algorithm takes no part with another': async (scene) => {
    const upload = await scene.createUpload(scene.key(), { ChecksumAlgorithm: 'SHA256' })
    await refused(scene.uploadPart(upload, 1, 'x', { ChecksumAlgorithm: 'CRC32' }), 400, 'InvalidRequest')
  },
  'a composite checksum is made of those of the parts': async (scene) => {
    const bodies = [randomBytes(PART), Buffer.from('end')]
    const { answers, complete } = await uploaded(scene, bodies, 'SHA256')
    const completed = await complete(answers.map(({ ChecksumSHA256 }) => ({ ChecksumSHA256 })))
    const sums = bodies.map((body) => createHash('sha256').update(body).digest())
    const expected = `${createHash('sha256').update(Buffer.concat(sums)).digest('base64')}-2`
    assert.deepEqual([completed.ChecksumSHA256, completed.ChecksumType], [expected, 'COMPOSITE'])
    const { ChecksumSHA256 } = await scene.head(scene.key(), { ChecksumMode: 'ENABLED' })
    assert.equal(ChecksumSHA256, expected)
  },
  'a completion of a composite upload must name the checksum of each part': async (scene) => {
    const { complete } = await uploaded(scene, [Buffer.from('x')], 'CRC32')
    await refused(complete([{}]), 400)
  },
  'a completion that names a wrong checksum of a part is refused': async (scene) => {
    const { complete } = await uploaded(scene, [Buffer.from('x')], 'CRC32')
    await refused(complete([{ ChecksumCRC32: WRONG.CRC32 }]), 400)
  },
  'an upload without an algorithm has a CRC64NVME of the whole object': async (scene) => {
    const bodies = [randomBytes(PART), randomBytes(PART + 3), Buffer.from('end')]
    await scene.putParts(scene.key(), bodies)
    const answer = await scene.get(scene.key(), { ChecksumMode: 'ENABLED' })
    const expected = await checksum('CRC64NVME', Buffer.concat(bodies))
    assert.deepEqual([answer.ChecksumCRC64NVME, answer.ChecksumType], [expected, 'FULL_OBJECT'])
    // The client compares it with what it read.
    await answer.Body!.transformToByteArray()
  },
  'a CRC32 of the whole object is made when it is asked for': async (scene) => {
    const bodies = [randomBytes(PART), Buffer.from('end')]
    const { answers, complete } = await uploaded(scene, bodies, 'CRC32', 'FULL_OBJECT')
    const completed = await complete(answers.map(() => ({})))
    const expected = await checksum('CRC32', Buffer.concat(bodies))
    assert.deepEqual([completed.ChecksumCRC32, completed.ChecksumType], [expected, 'FULL_OBJECT'])
  },
}

function checksOf(algorithm: Algorithm): [string, Checks[string]][] {
  return [
    [
      `${algorithm} is stored and told`,
      async (scene) => {
        await scene.put(scene.key(), 'hello', { ChecksumAlgorithm: algorithm })
        const answer = await scene.get(scene.key(), { ChecksumMode: 'ENABLED' })
        assert.equal(answer[`Checksum${algorithm}`], await checksum(algorithm, Buffer.from('hello')))
        assert.equal(await answer.Body!.transformToString(), 'hello')
      },
    ],
    [
      `${algorithm} behind a stream is stored and told`,
      async (scene) => {
        const body = randomBytes(100_000)
        await scene.put(scene.key(), Readable.from([body]), {
          ContentLength: body.length,
          ChecksumAlgorithm: algorithm,
        })
        const answer = await scene.head(scene.key(), { ChecksumMode: 'ENABLED' })
        assert.equal(answer[`Checksum${algorithm}`], await checksum(algorithm, body))
      },
    ],
    [
      `a wrong ${algorithm} is refused, and nothing written`,
      async (scene) => {
        const putting = scene.put(scene.key(), 'hello', { [`Checksum${algorithm}`]: WRONG[algorithm] })
        await refused(putting, 400, 'BadDigest')
        await refused(scene.get(scene.key()), 404, 'NoSuchKey')
      },
    ],
  ]
}

async function checksum(algorithm: Algorithm, body: Buffer): Promise<string> {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return createHash(algorithm).update(body).digest('base64')
  if (algorithm === 'CRC32') return Buffer.from(crc32(body).toString(16).padStart(8, '0'), 'hex').toString('base64')
  const crc = algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme()
  crc.update(body)
  return Buffer.from(await crc.digest()).toString('base64')
}

/** Parts whose completion is still open, with what it should say of each part beside number and ETag. */
async function uploaded(
  scene: Scene,
  bodies: readonly Buffer[],
  ChecksumAlgorithm: ChecksumAlgorithm,
  ChecksumType?: 'FULL_OBJECT',
) {
  const upload = await scene.createUpload(scene.key(), { ChecksumAlgorithm, ...(ChecksumType && { ChecksumType }) })
  const answers: UploadPartCommandOutput[] = []
  for (const [index, body] of bodies.entries()) {
    answers.push(await scene.uploadPart(upload, index + 1, body, { ChecksumAlgorithm }))
  }
  const complete = (named: readonly CompletedPart[]) => {
    const parts = answers.map(({ ETag }, index) => ({ PartNumber: index + 1, ETag, ...named[index] }))
    return scene.complete(upload, parts)
  }
  return { answers, complete }
}
