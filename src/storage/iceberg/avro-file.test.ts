import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateRawSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { readAvro, writeAvro } from './avro-file.ts'
import { snappyDecompress } from './snappy.ts'

const schema = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'id', type: 'long', 'field-id': 1 },
    { name: 'note', type: ['null', 'string'], default: null, 'field-id': 2 },
    { name: 'raw', type: 'bytes', 'field-id': 3 },
    { name: 'sizes', type: { type: 'array', items: 'long', 'element-id': 5 }, 'field-id': 4 },
  ],
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const rows = fc.array(
  fc.record(
    {
      id: int64,
      note: fc.option(fc.string({ unit: 'binary' })),
      raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      sizes: fc.array(int64),
    },
    { noNullPrototype: true },
  ),
)

describe('Avro files', () => {
  it('are refused when a block says that it has other records than it has', async () => {
    const records = [1n, 2n, 3n].map((id) => ({ id, note: null, raw: Buffer.alloc(0), sizes: [] }))
    const bytes = await writeAvro(schema, {}, records)
    const sync = bytes.subarray(-16)
    const count = bytes.indexOf(sync) + 16
    assert.equal(bytes[count], 6)
    for (const wrong of [0, 2, 4, 5, 8]) {
      bytes[count] = wrong
      const message = /another number of records|end inside/
      await assert.rejects(readAvro(bytes, 'it'), { code: 'source-failed', message })
    }
  })

  it('whose records take no bytes are refused, however many they are said to be', async () => {
    const bytes = await writeAvro({ type: 'record', name: 'none', fields: [] }, {}, [{}])
    await assert.rejects(readAvro(bytes, 'it'), { code: 'source-failed' })
  })

  it('give back every record, with all 64 bits of its longs, and the schema as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        async (records, metadata) => {
          const file = await readAvro(await writeAvro(schema, metadata, records), 'it')
          assert.deepEqual(
            file.records.map((record) => ({ ...(record as object) })),
            records,
          )
          assert.deepEqual(file.schema, schema)
          assert.deepEqual({ ...file.metadata }, { ...metadata })
        },
      ),
    )
  })

  it('of more than a block are read whole', async () => {
    const records = Array.from({ length: 2500 }, (_, id) => ({
      id: BigInt(id),
      note: null,
      raw: Buffer.alloc(0),
      sizes: [],
    }))
    const file = await readAvro(await writeAvro(schema, {}, records), 'it')
    assert.deepEqual(
      file.records.map((record) => (record as { id: bigint }).id),
      records.map(({ id }) => id),
    )
  })

  it('of other codecs are read, and unknown ones named', async () => {
    const bodies: Readonly<Record<string, Buffer>> = {
      null: Buffer.from([2]),
      deflate: deflateRawSync(Buffer.from([2])),
      zstandard: zstdCompressSync(Buffer.from([2])),
      snappy: Buffer.from([1, 0, 2, 0, 0, 0, 0]),
    }
    for (const [codec, body] of Object.entries(bodies)) {
      assert.deepEqual((await readAvro(container(codec, body), 'it')).records, [1], codec)
    }
    await assert.rejects(readAvro(container('bzip2', Buffer.alloc(1)), 's3://b/m.avro'), {
      code: 'source-failed',
      message: /s3:\/\/b\/m\.avro .*bzip2/,
    })
  })

  it('that are cut off or foreign are refused, wherever they end', async () => {
    const whole = await writeAvro(schema, { a: 'b' }, [{ id: 1n, note: 'x', raw: Buffer.from('raw'), sizes: [1n, 2n] }])
    const header = whole.length - 16 - 1
    for (let end = 0; end < whole.length; end++) {
      const cut = readAvro(whole.subarray(0, end), 'it')
      // Behind the header a file without blocks is whole.
      const empty = await cut.then(
        ({ records }) => records.length === 0 && end < header,
        () => undefined,
      )
      assert.notEqual(empty, false, `cut at ${end}`)
    }
    await assert.rejects(readAvro(Buffer.from('PAR1'), 'it'), { code: 'source-failed' })
  })

  it('of Snappy are unpacked as that was meant', () => {
    // A literal, a near copy that overlaps itself, and a copy with an offset of two bytes.
    const packed = Buffer.from([14, 0x08, 97, 98, 99, 0x15, 0x03, 0x02, 0x03, 0x00, 0x00, 0x64])
    assert.equal(snappyDecompress(Buffer.from([12, 0x08, 97, 98, 99, 0x15, 0x03])).toString(), 'abcabcabcabc')
    assert.equal(snappyDecompress(packed).toString(), 'abcabcabcabcad')
    assert.throws(() => snappyDecompress(packed.subarray(0, -1)), RangeError)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          snappyDecompress(bytes)
        } catch (error) {
          assert.ok(error instanceof RangeError)
        }
      }),
    )
  })
})

/** A file of one record of the schema `int`. */
function container(codec: string, body: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length * 2]), Buffer.from(value)])
  const header = [
    Buffer.from([4]),
    text('avro.schema'),
    text('"int"'),
    text('avro.codec'),
    text(codec),
    Buffer.from([0]),
  ]
  const sync = Buffer.alloc(16, 7)
  return Buffer.concat([Buffer.from('Obj\x01'), ...header, sync, Buffer.from([2, body.length * 2]), body, sync])
}
