import type { TypeName } from '../../../records/data-type.ts'
import type { Texts } from './lake.ts'

/** A column of each type, and one that tells rows apart. */
export const ALL_TYPES = {
  id: 'int64',
  flag: 'boolean',
  small: 'int32',
  large: 'int64',
  ratio: 'float64',
  cents: 'decimal(9,2)',
  money: 'decimal(18,4)',
  huge: 'decimal(38,10)',
  day: 'date',
  clock: 'time',
  local: 'timestamp',
  instant: 'timestamptz',
  name: 'string',
  key: 'uuid',
  bytes: 'binary',
} as const satisfies Readonly<Record<string, TypeName>>

const SOURCES = Object.keys(ALL_TYPES).filter((name) => name !== 'id')

/** Partitions of every transform of every type that it takes: a filter on one column goes by the fields of that column. */
export const PARTITIONINGS: readonly (readonly string[])[] = [
  SOURCES.filter((name) => name !== 'ratio'),
  SOURCES.filter((name) => name !== 'ratio' && name !== 'flag').map((name) => `bucket(5, ${name})`),
  ['year(day)', 'month(local)', 'day(instant)', ...truncated(7, 'small', 'large')],
  // Nine divides the least values of decimals, which have no room for anything less.
  truncated(9, 'cents', 'money', 'huge'),
  ['month(day)', 'day(local)', 'hour(instant)', ...truncated(7, 'name', 'bytes')],
  ['day(day)', 'hour(local)', 'year(instant)'],
  ['year(local)', 'month(instant)', 'ratio'],
]

function truncated(width: number, ...names: readonly (keyof typeof ALL_TYPES)[]): readonly string[] {
  return names.map((name) => `truncate(${width}, ${name})`)
}

/** Ordinary values, the ends of what types hold, and nulls. */
export const ALL_ROWS: readonly Texts[] = [
  row(1, {
    ...{ flag: 'true', small: '7', large: '9007199254740993', ratio: '2.5', cents: '1.50', money: '12.3400' },
    ...{ huge: '0.1234567891', day: '2026-01-02', clock: '08:30:00', local: '2026-01-02T03:04:05' },
    ...{ instant: '2026-01-02T03:04:05.678901Z', name: 'Ada', key: '01234567-89ab-cdef-0123-456789abcdef' },
    bytes: 'AAEC/w==',
  }),
  row(2, {
    ...{ flag: 'false', small: '-2147483648', large: '-9223372036854775808', ratio: '-0.125' },
    ...{ cents: '-9999999.99', money: '-99999999999999.9999', huge: '-9999999999999999999999999999.9999999999' },
    ...{
      day: '1582-10-04',
      clock: '00:00:00',
      local: '1899-12-31T23:59:59.999',
      instant: '1899-12-31T23:59:59.000001Z',
    },
    ...{ name: '\u{FFFD}x', key: '00000000-0000-0000-0000-000000000000', bytes: 'AA==' },
  }),
  row(3, {
    ...{ flag: 'true', small: '2147483647', large: '9223372036854775807', ratio: '1.7976931348623157e+308' },
    ...{ cents: '9999999.99', money: '99999999999999.9999', huge: '9999999999999999999999999999.9999999999' },
    ...{ day: '9999-12-31', clock: '23:59:59.999999', local: '9999-12-31T23:59:59.999999' },
    ...{ instant: '9999-12-31T23:59:59.999999Z', name: '\u{1F600} more than sixteen characters', bytes: '/////w==' },
    key: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  }),
  row(4, {}),
]

function row(id: number, values: Texts): Texts {
  return Object.fromEntries(
    Object.keys(ALL_TYPES).map((name) => [name, name === 'id' ? `${id}` : (values[name] ?? null)]),
  )
}
