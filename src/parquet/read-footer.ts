import { SluiceError } from '../errors.ts'
import { type ParquetFile, readBytes, unreadable } from './parquet-file.ts'
import { readStruct } from './read-hyparquet.ts'
import { type ParquetField, readSchema } from './read-schema.ts'
import { bytesIn, numberIn, optional, type Struct, structIn, structsIn, textIn } from './read-struct.ts'

/** What the end of a file says of it. */
export interface Footer {
  /** The columns at the top of the schema. */
  readonly fields: readonly ParquetField[]
  readonly rows: number
  readonly rowGroups: readonly RowGroup[]
  /** What the writer left beside, such as `iceberg.schema`. */
  readonly properties: ReadonlyMap<string, string>
  readonly createdBy: string | undefined
}

export interface RowGroup {
  readonly rows: number
  /** Where its first chunk begins. */
  readonly start: number
  /** By the place of the column among those that hold values. */
  readonly chunks: readonly ColumnChunk[]
}

/** The values of one column in one row group. */
export interface ColumnChunk {
  /** The bytes [start, end) of the file. */
  readonly start: number
  readonly end: number
  readonly values: number
  /** By its number in parquet.thrift. */
  readonly codec: number
  /** Without compression. */
  readonly plainBytes: number
  readonly encrypted: boolean
  readonly statistics: ChunkStatistics | undefined
}

/** As the file has them: bounds as plain bytes of the physical type, none where the order of the values is unknown. */
export interface ChunkStatistics {
  readonly nulls: number | undefined
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
}

/** Reads the end of a file, in one request unless the footer is a large one. Throws SluiceError `source-failed`. */
export async function readFooter(file: ParquetFile): Promise<Footer> {
  if (file.bytes < MAGIC * 2 + 4) throw unreadable(file, 'it is too short for a Parquet file.')
  const tailStart = Math.max(0, file.bytes - TAIL)
  const tail = await readBytes(file, tailStart, file.bytes)
  const length = footerLength(file, tail)
  const start = file.bytes - MAGIC - 4 - length
  if (start < MAGIC) throw unreadable(file, 'it is damaged: its footer is longer than the file. Write it again.')
  const end = file.bytes - MAGIC - 4
  const bytes =
    start >= tailStart ? tail.subarray(start - tailStart, end - tailStart) : await readBytes(file, start, end)
  try {
    return footerOf(readStruct(bytes).struct, start)
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw unreadable(file, `its footer is damaged: ${(error as Error).message}. Write it again.`, error)
  }
}

function footerLength(file: ParquetFile, tail: Uint8Array): number {
  const end = Buffer.from(tail.buffer, tail.byteOffset + tail.length - 8, 8)
  const magic = end.toString('latin1', 4)
  if (magic === 'PARE') throw unreadable(file, 'it is encrypted. Write it without encryption.')
  if (magic !== 'PAR1') {
    throw unreadable(file, 'it does not end as a Parquet file does: it was cut off, or is another format.')
  }
  return end.readUInt32LE(0)
}

/** Chunks must end before `limit`, where the footer begins. */
function footerOf(struct: Struct, limit: number): Footer {
  const fields = readSchema(structsIn(struct, 2))
  // Of row groups without rows Arrow's writer names no place.
  const groups = structsIn(struct, 4).filter((group) => numberIn(group, 3) !== 0)
  const rowGroups = groups.map((group) => rowGroupOf(group, limit))
  const properties = (optional(structsIn, struct, 5) ?? []).map((pair) => {
    return [textIn(pair, 1), optional(textIn, pair, 2) ?? ''] as const
  })
  const rows = numberIn(struct, 3)
  const sum = rowGroups.reduce((total, group) => total + group.rows, 0)
  if (sum !== rows) throw new RangeError(`it says ${rows} rows, and its row groups ${sum}`)
  return { fields, rows, rowGroups, properties: new Map(properties), createdBy: optional(textIn, struct, 6) }
}

function rowGroupOf(group: Struct, limit: number): RowGroup {
  const rows = numberIn(group, 3)
  if (rows < 0) throw new RangeError(`a row group of ${rows} rows`)
  const chunks = structsIn(group, 1).map((column) => chunkOf(column, limit))
  return { rows, start: Math.min(limit, ...chunks.map(({ start }) => start)), chunks }
}

function chunkOf(column: Struct, limit: number): ColumnChunk {
  const encrypted = column['field_8'] !== undefined
  const meta = optional(structIn, column, 3)
  if (meta === undefined) {
    if (!encrypted) throw new RangeError('a column without its place')
    return { start: 0, end: 0, values: 0, codec: 0, plainBytes: 0, encrypted, statistics: undefined }
  }
  if (column['field_1'] !== undefined) throw new RangeError('a column in another file')
  const data = numberIn(meta, 9)
  const dictionary = optional(numberIn, meta, 11) ?? 0
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  const end = start + numberIn(meta, 7)
  if (start < MAGIC || end < start || end > limit) throw new RangeError(`a column at bytes ${start} to ${end}`)
  return {
    start,
    end,
    values: numberIn(meta, 5),
    codec: numberIn(meta, 4),
    plainBytes: numberIn(meta, 6),
    encrypted,
    statistics: statisticsOf(optional(structIn, meta, 12)),
  }
}

/** The bounds of old (fields 1 and 2) have no order that all writers agree on. */
function statisticsOf(struct: Struct | undefined): ChunkStatistics | undefined {
  if (struct === undefined) return undefined
  return {
    nulls: optional(numberIn, struct, 3),
    min: optional(bytesIn, struct, 6),
    max: optional(bytesIn, struct, 5),
  }
}

/** The bytes of `PAR1`. */
const MAGIC = 4
/** Holds the footer of most files. */
const TAIL = 1 << 16
