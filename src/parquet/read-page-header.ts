import { readStruct } from './read-hyparquet.ts'
import { numberIn, optional, type Struct, structIn } from './read-struct.ts'

/** What stands before a page. */
export interface PageHeader {
  readonly kind: 'data' | 'dataV2' | 'dictionary' | 'other'
  /** Bytes of the header itself. */
  readonly bytes: number
  /** Bytes of the page behind it, packed and not. */
  readonly packedBytes: number
  readonly plainBytes: number
  /** CRC-32 of the page as it lies there. */
  readonly crc: number | undefined
  /** Nulls as well. */
  readonly values: number
  readonly encoding: number
  /** How a page of version 1 says what is null. */
  readonly levelEncoding: number | undefined
  /** Of version 2, whose levels lie before what is packed. */
  readonly levels: { readonly repetition: number; readonly definition: number; readonly packed: boolean } | undefined
}

/** Throws RangeError also when `bytes` end before the header does. */
export function readPageHeader(bytes: Uint8Array, offset: number): PageHeader {
  const { struct, end } = readStruct(bytes, offset)
  const kind = KINDS[numberIn(struct, 1)] ?? 'other'
  const header = kind === 'other' ? undefined : structIn(struct, FIELDS[kind])
  const v2 = kind === 'dataV2' ? header : undefined
  const plainBytes = numberIn(struct, 2)
  const packedBytes = numberIn(struct, 3)
  const values = header === undefined ? 0 : numberIn(header, 1)
  if (plainBytes < 0 || packedBytes < 0 || values < 0 || plainBytes > MOST_BYTES || values > MOST_VALUES) {
    throw new TypeError(`a page of ${plainBytes} bytes with ${values} values`)
  }
  return {
    kind,
    bytes: end - offset,
    packedBytes,
    plainBytes,
    crc: optional(numberIn, struct, 4),
    values,
    encoding: header === undefined ? 0 : numberIn(header, v2 === undefined ? 2 : 4),
    levelEncoding: kind === 'data' ? numberIn(header as Struct, 3) : undefined,
    levels: v2 === undefined ? undefined : levelsOf(v2, plainBytes),
  }
}

function levelsOf(header: Struct, most: number): NonNullable<PageHeader['levels']> {
  const [definition, repetition] = [numberIn(header, 5), numberIn(header, 6)]
  if (definition < 0 || repetition < 0 || definition + repetition > most) throw new TypeError('levels that do not fit')
  return { definition, repetition, packed: header['field_7'] !== false }
}

const KINDS = ['data', 'other', 'dictionary', 'dataV2'] as const
const FIELDS = { data: 5, dictionary: 7, dataV2: 8 } as const
/** Far beyond what writers make, and what a flipped bit must not make us reserve. */
const MOST_BYTES = 1 << 29
const MOST_VALUES = 1 << 26
