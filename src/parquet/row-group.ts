import { type Statistics, statisticsOf, statisticsStruct } from './statistics.ts'
import { fieldOf, type ThriftStruct } from './thrift.ts'

/** What a footer says of some rows that stand together, column by column. */
export interface RowGroup {
  readonly rows: number
  /** Of the first page, from the start of the file. */
  readonly offset: number
  /** With the headers of pages. */
  readonly compressed: number
  readonly uncompressed: number
  readonly columns: readonly ColumnChunk[]
}

export interface ColumnChunk {
  /** Numbers of parquet.thrift: Encoding. */
  readonly encodings: readonly number[]
  /** Nulls included. */
  readonly values: number
  readonly compressed: number
  readonly uncompressed: number
  readonly dataOffset: number
  readonly dictionaryOffset: number | undefined
  readonly statistics: Statistics
}

/** The same bytes in another place. */
export function shifted(group: RowGroup, by: number): RowGroup {
  const columns = group.columns.map((chunk) => ({
    ...chunk,
    dataOffset: chunk.dataOffset + by,
    dictionaryOffset: chunk.dictionaryOffset === undefined ? undefined : chunk.dictionaryOffset + by,
  }))
  return { ...group, offset: group.offset + by, columns }
}

/** What all chunks of a column share. */
export interface ColumnFacts {
  readonly path: string
  readonly physical: number
  readonly codec: number
}

/** As parquet.thrift has it: RowGroup. */
export function rowGroupStruct(group: RowGroup, columns: readonly ColumnFacts[]): ThriftStruct {
  return {
    field_1: group.columns.map((chunk, index) => chunkStruct(chunk, columns[index] as ColumnFacts)),
    field_2: BigInt(group.uncompressed),
    field_3: BigInt(group.rows),
    field_5: BigInt(group.offset),
    field_6: BigInt(group.compressed),
  }
}

function chunkStruct(chunk: ColumnChunk, { path, physical, codec }: ColumnFacts): ThriftStruct {
  const meta: ThriftStruct = {
    field_1: physical,
    field_2: chunk.encodings,
    field_3: [path],
    field_4: codec,
    field_5: BigInt(chunk.values),
    field_6: BigInt(chunk.uncompressed),
    field_7: BigInt(chunk.compressed),
    field_9: BigInt(chunk.dataOffset),
    field_11: chunk.dictionaryOffset === undefined ? undefined : BigInt(chunk.dictionaryOffset),
    field_12: statisticsStruct(chunk.statistics),
  }
  return { field_2: 0n, field_3: meta }
}

export function rowGroupOf(struct: ThriftStruct): RowGroup {
  const number = (field: number) => Number(fieldOf<bigint>(struct, field))
  return {
    rows: number(3),
    offset: number(5),
    compressed: number(6),
    uncompressed: number(2),
    columns: fieldOf<readonly ThriftStruct[]>(struct, 1).map((chunk) => chunkOf(fieldOf(chunk, 3))),
  }
}

function chunkOf(meta: ThriftStruct): ColumnChunk {
  const number = (field: number) => Number(fieldOf<bigint>(meta, field))
  return {
    encodings: fieldOf(meta, 2),
    values: number(5),
    uncompressed: number(6),
    compressed: number(7),
    dataOffset: number(9),
    dictionaryOffset: fieldOf(meta, 11) === undefined ? undefined : number(11),
    statistics: statisticsOf(fieldOf(meta, 12)),
  }
}
