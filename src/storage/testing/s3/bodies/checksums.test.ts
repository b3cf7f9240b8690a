import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Algorithm, startChecksum } from './checksums.ts'
import { type CrcAlgorithm, combineCrc } from './combine-crc.ts'

/** Of the text 123456789: published with each algorithm. */
const KNOWN: Readonly<Record<Algorithm | 'MD5', string>> = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  MD5: '25f9e794323b453885f5181f1b624d0b',
}

describe('checksums', () => {
  it('have the published values', async () => {
    for (const [algorithm, expected] of Object.entries(KNOWN)) {
      const digest = await checksum(algorithm as Algorithm, Buffer.from('123456789'))
      assert.equal(Buffer.from(digest, 'base64').toString('hex'), expected, algorithm)
    }
  })

  it('of parts combine to that of the whole', async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 })
    const algorithm = fc.constantFrom<CrcAlgorithm[]>('CRC32', 'CRC32C', 'CRC64NVME')
    await fc.assert(
      fc.asyncProperty(parts, algorithm, async (bodies, algorithm) => {
        const parts = bodies.map(async (body) => ({ checksum: await checksum(algorithm, body), length: body.length }))
        const whole = await checksum(algorithm, Buffer.concat(bodies))
        assert.equal(combineCrc(algorithm, await Promise.all(parts)), whole)
      }),
    )
  })
})

async function checksum(algorithm: Algorithm, bytes: Uint8Array): Promise<string> {
  const running = startChecksum(algorithm)
  running.update(bytes)
  return running.digest()
}
