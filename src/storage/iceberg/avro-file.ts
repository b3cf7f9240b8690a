import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { SluiceError } from '../../errors.ts'
import { type AvroSchema, avroValues } from './avro-values.ts'
import { snappyDecompress } from './snappy.ts'

export interface AvroFile {
  readonly schema: AvroSchema
  /** Of the file's header, without the schema and the codec. */
  readonly metadata: Readonly<Record<string, string>>
  readonly records: readonly unknown[]
}

/**
 * An object container file (Avro 1.11). The schema is written as it was given: its field ids are what readers of
 * Iceberg go by.
 */
export async function writeAvro(
  schema: AvroSchema,
  metadata: Readonly<Record<string, string>>,
  records: Iterable<unknown>,
): Promise<Buffer> {
  const values = await avroValues(schema)
  const header = { ...metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' }
  const sync = randomBytes(SYNC)
  const out = [MAGIC, headerBytes(header), sync]
  let block: Buffer[] = []
  const flush = () => {
    const body = deflateRawSync(Buffer.concat(block))
    out.push(zigzag(block.length), zigzag(body.length), body, sync)
    block = []
  }
  for (const record of records) {
    block.push(values.encode(record))
    if (block.length === BLOCK) flush()
  }
  if (block.length > 0) flush()
  return Buffer.concat(out)
}

/** Throws `source-failed` for what is no such file, naming `where`. */
export async function readAvro(bytes: Buffer, where: string): Promise<AvroFile> {
  try {
    return await read(bytes)
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new SluiceError('source-failed', `${where} is no Avro file that can be read: ${why}.`, { cause: error })
  }
}

async function read(bytes: Buffer): Promise<AvroFile> {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it does not begin as one')
  const cursor = new Cursor(bytes, MAGIC.length)
  const header = readHeader(cursor)
  const sync = cursor.take(SYNC)
  const { 'avro.schema': text = '', 'avro.codec': codec = 'null', ...metadata } = header
  const decompress = CODECS[codec]
  if (decompress === undefined) throw new Error(`it is compressed by ${codec}, which is not supported`)
  const schema = JSON.parse(text) as AvroSchema
  const values = await avroValues(schema)
  const records: unknown[] = []
  while (!cursor.ended) {
    const count = cursor.long()
    const block = decompress(cursor.take(cursor.long()))
    // A record takes a byte at least.
    if (count < 0 || count > block.length) throw new Error('a block has another number of records than it says')
    let at = 0
    for (let index = 0; index < count; index++) {
      const { value, offset } = values.decode(block, at)
      records.push(value)
      at = offset
    }
    if (at !== block.length) throw new Error('a block has another number of records than it says')
    if (!cursor.take(SYNC).equals(sync)) throw new Error('a block does not end where it should')
  }
  return { schema, metadata, records }
}

const MAGIC = Buffer.from('Obj\x01', 'latin1')
const SYNC = 16
const BLOCK = 1000
/** Of any writer, unpacked. */
const MOST_BLOCK = 512 << 20

const CODECS: Readonly<Record<string, (block: Buffer) => Buffer>> = {
  null: (block) => block,
  deflate: (block) => inflateRawSync(block, { maxOutputLength: MOST_BLOCK }),
  zstandard: (block) => zstdDecompressSync(block, { maxOutputLength: MOST_BLOCK }),
  // A CRC-32 stands behind.
  snappy: (block) => snappyDecompress(block.subarray(0, -4)),
}

/** A map of bytes, in one block. */
function headerBytes(header: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(header)
  const parts = entries.flat().flatMap((text) => [zigzag(Buffer.byteLength(text)), Buffer.from(text)])
  return Buffer.concat([zigzag(entries.length), ...parts, zigzag(0)])
}

function readHeader(cursor: Cursor): Record<string, string> {
  const header: [string, string][] = []
  for (let count = cursor.long(); count !== 0; count = cursor.long()) {
    // A negative count says how many bytes the block has as well.
    if (count < 0) cursor.long()
    for (let index = 0; index < Math.abs(count); index++) {
      header.push([cursor.take(cursor.long()).toString(), cursor.take(cursor.long()).toString()])
    }
  }
  return Object.fromEntries(header)
}

class Cursor {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length
  }

  take(size: number): Buffer {
    const end = this.#at + size
    if (size < 0 || end > this.#bytes.length) throw new RangeError('it ends too early')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  /** Counts and lengths, which are far from 2^53. */
  long(): number {
    let value = 0
    let factor = 1
    for (let byte = 0x80; byte >= 0x80; factor *= 128) {
      byte = this.take(1)[0] as number
      value += (byte & 0x7f) * factor
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function zigzag(value: number): Buffer {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}
