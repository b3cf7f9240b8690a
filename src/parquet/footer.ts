import { type RowGroup, rowGroupOf, rowGroupStruct } from './row-group.ts'
import { decodeThrift, encodeThrift, fieldOf, type ThriftStruct } from './thrift.ts'

/** All that stands behind the row groups of a file. */
export interface Footer {
  readonly elements: readonly ThriftStruct[]
  readonly rowGroups: readonly RowGroup[]
  /** Number of parquet.thrift: CompressionCodec. */
  readonly codec: number
  readonly createdBy: string
  readonly metadata: Readonly<Record<string, string>>
}

/** With which a file begins and ends. */
export const MAGIC: Buffer = Buffer.from('PAR1')

/** The end of a file: FileMetaData, its length, the magic bytes. */
export function encodeFooter({ elements, rowGroups, codec, createdBy, metadata }: Footer): Buffer {
  const [, ...columns] = elements
  const facts = columns.map((element) => ({ path: textOf(element, 4), physical: fieldOf<number>(element, 1), codec }))
  const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }))
  const meta = encodeThrift({
    field_1: 1,
    field_2: elements,
    field_3: BigInt(rowGroups.reduce((sum, { rows }) => sum + rows, 0)),
    field_4: rowGroups.map((group) => rowGroupStruct(group, facts)),
    field_5: pairs.length === 0 ? undefined : pairs,
    field_6: createdBy,
    // Bounds follow the order of each type.
    field_7: columns.map(() => ({ field_1: {} })),
  })
  const tail = Buffer.alloc(TAIL)
  tail.writeUInt32LE(meta.length)
  MAGIC.copy(tail, 4)
  return Buffer.concat([meta, tail])
}

/** The length of the whole footer of a file that ends with these eight bytes; undefined when it is no such file. */
export function footerLength(tail: Buffer): number | undefined {
  return tail.subarray(4, TAIL).equals(MAGIC) ? tail.readUInt32LE(0) + TAIL : undefined
}

/** Bytes at the end of a file that tell where its footer begins. */
export const TAIL = 8

/** Only of files that this library wrote: others may say more than a `Footer` holds. */
export function decodeFooter(bytes: Buffer): Footer {
  const meta = decodeThrift(bytes)
  const groups = fieldOf<readonly ThriftStruct[]>(meta, 4)
  const pairs = fieldOf<readonly ThriftStruct[] | undefined>(meta, 5) ?? []
  return {
    elements: fieldOf(meta, 2),
    rowGroups: groups.map(rowGroupOf),
    codec: codecOf(groups),
    createdBy: textOf(meta, 6),
    metadata: Object.fromEntries(pairs.map((pair) => [textOf(pair, 1), textOf(pair, 2)])),
  }
}

function codecOf([group]: readonly ThriftStruct[]): number {
  const [chunk] = group === undefined ? [] : fieldOf<readonly ThriftStruct[]>(group, 1)
  return chunk === undefined ? 0 : fieldOf(fieldOf<ThriftStruct>(chunk, 3), 4)
}

/** Text is bytes in a footer that was read. */
function textOf(struct: ThriftStruct, field: number): string {
  const value = fieldOf<string | Uint8Array>(struct, field)
  return typeof value === 'string' ? value : Buffer.from(value).toString()
}
