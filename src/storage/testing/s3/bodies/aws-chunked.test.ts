import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeChunked, type Trailers } from './aws-chunked.ts'

describe('the framing of aws-chunked', () => {
  it('comes off, however the body is cut into pieces', async () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), fc.integer({ min: 1, max: 50 }), async (chunks, pieceBytes) => {
        const { bytes, trailers } = await decode(framed(chunks), pieceBytes)
        assert.deepEqual(bytes, Buffer.concat(chunks))
        assert.deepEqual([...trailers], [['x-amz-checksum-crc32', 'AAAA=:=']])
      }),
    )
  })

  it('is refused wherever it ends too early', async () => {
    const whole = framed([Buffer.from('hello'), Buffer.from('world')])
    for (let end = 0; end < whole.length; end++) {
      await assert.rejects(decode(whole.subarray(0, end), 7), { code: 'IncompleteBody' }, `at ${end}`)
    }
  })

  it('is refused with a size that is none, or with data that is longer than it', async () => {
    for (const body of ['g\r\nx\r\n0\r\n\r\n', '-1\r\nx\r\n0\r\n\r\n', '1\r\nxy\r\n0\r\n\r\n', '\r\n']) {
      await assert.rejects(decode(Buffer.from(body), 100), { code: 'IncompleteBody' }, body)
    }
  })

  it('is not implemented with signed chunks', async () => {
    const body = Buffer.from('1;chunk-signature=ab\r\nx\r\n0\r\n\r\n')
    await assert.rejects(decode(body, 100), { code: 'NotImplemented' })
  })
})

function framed(chunks: readonly Uint8Array[]): Buffer {
  const pieces = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n'])
  const all = [...pieces, '0\r\n', 'X-Amz-Checksum-CRC32: AAAA=:=\r\n', '\r\n']
  return Buffer.concat(all.map((piece) => Buffer.from(piece)))
}

async function decode(body: Buffer, pieceBytes: number): Promise<{ bytes: Buffer; trailers: Trailers }> {
  const trailers: Trailers = new Map()
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; at += pieceBytes) pieces.push(body.subarray(at, at + pieceBytes))
  const bytes: Buffer[] = []
  for await (const piece of decodeChunked(Readable.from(pieces), trailers)) bytes.push(piece)
  return { bytes: Buffer.concat(bytes), trailers }
}
