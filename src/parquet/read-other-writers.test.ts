import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { BatchPool } from '../records/batch-pool.ts'
import { encodeFooter, MAGIC } from './footer.ts'
import { readFooter } from './read-footer.ts'
import { RowGroupReader, readRowGroup } from './read-row-group.ts'
import { schemaElements } from './schema-elements.ts'
import { type Exact, exactInColumns, exactInDuck } from './testing/duck.ts'
import { folder, inMemory, openLocal } from './testing/files.ts'

type Writing = Parameters<typeof parquetWriteBuffer>[0]
type Element = NonNullable<Writing['schema']>[number]

const memory = await new BatchPool().acquire()

interface Case {
  readonly element: Omit<Element, 'name'>
  readonly encodings: readonly string[]
  readonly value: fc.Arbitrary<unknown>
  readonly exact: (value: unknown) => string
}

const hex = (bytes: unknown) =>
  Buffer.from(bytes as Uint8Array)
    .toString('hex')
    .toUpperCase()
const number = (value: unknown) => (Object.is(value, -0) ? '-0' : String(value))
const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }))
const int32 = fc.oneof(fc.integer(), fc.integer({ min: -9, max: 9 }))
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(...['a', 'ab', 'abc'].map((text) => Buffer.from(text))),
)
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom('', 'same', 'same but longer'))
const NUMBERS = ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT', 'RLE_DICTIONARY']
const TEXTS = ['PLAIN', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY', 'RLE_DICTIONARY']

const CASES: Readonly<Record<string, Case>> = {
  int32: { element: { type: 'INT32' }, encodings: NUMBERS, value: int32, exact: number },
  int64: { element: { type: 'INT64' }, encodings: NUMBERS, value: int64, exact: String },
  double: { element: { type: 'DOUBLE' }, encodings: ['PLAIN', 'BYTE_STREAM_SPLIT'], value: fc.double(), exact: number },
  float: {
    element: { type: 'FLOAT' },
    encodings: ['PLAIN', 'BYTE_STREAM_SPLIT'],
    value: fc.float(),
    exact: number,
  },
  boolean: { element: { type: 'BOOLEAN' }, encodings: ['PLAIN', 'RLE'], value: fc.boolean(), exact: String },
  text: { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, encodings: TEXTS, value: text, exact: String },
  bytes: { element: { type: 'BYTE_ARRAY' }, encodings: TEXTS, value: bytes, exact: hex },
  pieces: {
    element: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 5 },
    encodings: ['PLAIN', 'BYTE_STREAM_SPLIT'],
    value: fc.uint8Array({ minLength: 5, maxLength: 5 }),
    exact: hex,
  },
  micros: {
    element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
    encodings: ['PLAIN', 'DELTA_BINARY_PACKED'],
    value: fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
    exact: String,
  },
  decimal: {
    element: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: 38, scale: 10 },
    encodings: ['PLAIN'],
    value: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
    exact: String,
  },
}

async function pieces(buffer: ArrayBuffer, rows: number): Promise<readonly Exact[]> {
  const file = inMemory(new Uint8Array(buffer))
  const footer = await readFooter(file)
  const found: Exact[] = []
  for (const index of footer.rowGroups.keys()) {
    const reader = new RowGroupReader(file, footer, index, ['x'])
    while (reader.left > 0) {
      const { columns } = await reader.next(memory, { rows, bytes: 1000 })
      found.push(...exactInColumns(memory, columns).map(([value]) => value as Exact))
      memory.reset()
    }
  }
  return found
}

describe('files of other writers', () => {
  for (const [name, { element, encodings, value, exact }] of Object.entries(CASES)) {
    for (const encoding of encodings) {
      for (const repetition of ['OPTIONAL', 'REQUIRED'] as const) {
        it(`of hyparquet-writer give every ${name} in ${encoding}, ${repetition}`, async () => {
          const cell = repetition === 'OPTIONAL' ? fc.option(value, { freq: 4 }) : value
          await fc.assert(
            fc.asyncProperty(
              fc.array(cell, { minLength: 1, maxLength: 300 }),
              fc.integer({ min: 1, max: 400 }),
              fc.integer({ min: 40, max: 3000 }),
              fc.integer({ min: 1, max: 100 }),
              fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'ZSTD'),
              async (values, rowGroupSize, pageSize, rows, codec) => {
                const buffer = parquetWriteBuffer({
                  columnData: [{ name: 'x', data: values, encoding } as Writing['columnData'][number]],
                  schema: [
                    { name: 'root', num_children: 1 },
                    { name: 'x', repetition_type: repetition, ...element },
                  ],
                  codec: codec as 'SNAPPY',
                  compressors: { ZSTD: (input: Uint8Array) => zstdCompressSync(input) },
                  rowGroupSize,
                  pageSize,
                })
                const expected = values.map((one) => (one === null ? null : exact(one)))
                assert.deepEqual(await pieces(buffer, rows), expected)
              },
            ),
            { numRuns: 60 },
          )
        })
      }
    }
  }

  it('of parquetjs-lite give what it wrote, in every codec that it has', async () => {
    // It has no types.
    const { ParquetSchema, ParquetWriter } = createRequire(import.meta.url)('parquetjs-lite')
    for (const compression of ['UNCOMPRESSED', 'GZIP', 'SNAPPY']) {
      const path = `${folder()}/js.parquet`
      const types = [
        'UTF8',
        'INT32',
        'INT64',
        'DOUBLE',
        'FLOAT',
        'BOOLEAN',
        'BYTE_ARRAY',
        'DATE',
        'TIMESTAMP_MILLIS',
        'JSON',
      ]
      const fields = types.map((type) => [type, { type, compression, optional: type !== 'INT64' }])
      const writer = await ParquetWriter.openFile(new ParquetSchema(Object.fromEntries(fields)), path, {
        useDataPageV2: false,
      })
      writer.setRowGroupSize(100)
      for (let row = 0; row < 250; row++) {
        const day = new Date(86_400_000 * (row - 100))
        const cells = [
          `größer ${row}`,
          row,
          row,
          row / 3,
          row / 4,
          row % 3 === 0,
          Buffer.from([row]),
          day,
          new Date(row * 1001),
          { row },
        ]
        await writer.appendRow(
          Object.fromEntries(
            types.flatMap((type, at) => (row % 7 === at && type !== 'INT64' ? [] : [[type, cells[at]]])),
          ),
        )
      }
      await writer.close()
      const file = await openLocal(path)
      const footer = await readFooter(file)
      const found: (readonly Exact[])[] = []
      for (const index of footer.rowGroups.keys()) {
        found.push(...exactInColumns(memory, await readRowGroup(file, footer, index, types, memory)))
        memory.reset()
      }
      assert.deepEqual(found, await exactInDuck(path, footer.fields))
      assert.equal(found.length, 250)
    }
  })

  it('of Arrow may have a row group without rows, which names no place for its pages', async () => {
    const elements = schemaElements([{ name: 'a', type: { kind: 'int64' }, nullable: true }])
    const chunk = { encodings: [0, 3], values: 0, compressed: 15, uncompressed: 14, dataOffset: 0, dictionaryOffset: 4 }
    const columns = [{ ...chunk, statistics: { nulls: 0 } }]
    const rowGroups = [{ rows: 0, offset: 4, compressed: 15, uncompressed: 14, columns }]
    const footer = encodeFooter({ elements, rowGroups, codec: 1, createdBy: 'parquet-cpp-arrow', metadata: {} })
    const { rows, rowGroups: found } = await readFooter(inMemory(Buffer.concat([MAGIC, Buffer.alloc(15), footer])))
    assert.deepEqual([rows, found], [0, []])
  })
})
