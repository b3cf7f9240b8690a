import {
  type Contender,
  duckdb,
  duckdbParquet,
  handwritten,
  handwrittenParquet,
  partitioned,
  plainCopy,
  pyIceberg,
  sluice,
  sluiceWithResets,
  toParquet,
  toTable,
} from './contenders.ts'
import type { ShapeName } from './make-data.ts'

/** One input and the programs that run on it, in turns. */
export interface Case {
  readonly name: string
  readonly shape: ShapeName
  readonly rows: number
  readonly contenders: readonly Contender[]
  /** How a run must end; 3 when rows are rejected and nothing is loaded. */
  readonly exitCode: 0 | 3
  /** Input and output lie on S3. */
  readonly lake?: true
  /** What the output is if not CSV; it holds the rows of the input as they are. */
  readonly format?: 'parquet' | 'table'
}

/** `rows` are those of the reference case; the others follow from it. `quick` leaves out what takes minutes. */
export function allCases(rows: number, quick: boolean): Case[] {
  const ours = [sluice('reference')]
  const reference = { shape: 'reference', contenders: ours, exitCode: 0 } as const
  return [
    {
      ...reference,
      name: 'reference',
      rows,
      contenders: [...ours, sluice('reference-map-rows', 'sluice mapRows'), handwritten(), duckdb()],
    },
    {
      name: 'wide',
      shape: 'wide',
      rows: Math.max(10, rows / 5),
      contenders: [sluice('wide'), handwritten('quarantine'), duckdb('quarantine')],
      exitCode: 0,
    },
    { name: 'all-rejected', shape: 'all-rejected', rows, contenders: ours, exitCode: 3 },
    { ...reference, name: 'start', rows: 1 },
    ...(quick ? [10_000] : [10_000, 100_000, 10_000_000]).map((size) => ({
      ...reference,
      name: sizeCase(size),
      rows: size,
    })),
    { ...reference, name: 'S3', rows, contenders: [...ours, plainCopy()], lake: true },
    ...(quick ? [] : [lakeCase(10_000_000)]),
    parquetCase('Parquet', rows, [toParquet(), handwrittenParquet(), duckdbParquet()]),
    ...(quick ? [] : [parquetCase(LARGE_PARQUET, 10_000_000, [toParquet(), duckdbParquet()])]),
    tableCase('Iceberg', rows),
    ...(quick ? [] : [tableCase(LARGE_TABLE, 10_000_000)]),
  ]
}

function lakeCase(rows: number): Case {
  const contenders = [sluice('reference'), plainCopy(), sluiceWithResets(10)]
  return { name: LARGE_LAKE, shape: 'reference', rows, contenders, exitCode: 0, lake: true }
}

function parquetCase(name: string, rows: number, contenders: readonly Contender[]): Case {
  return { name, shape: 'reference', rows, contenders, exitCode: 0, format: 'parquet' }
}

function tableCase(name: string, rows: number): Case {
  const contenders = [toTable(), partitioned(), pyIceberg()]
  return { name, shape: 'reference', rows, contenders, exitCode: 0, format: 'table' }
}

/** The case of a CSV file of 1 GB. */
export const LARGE_PARQUET = 'Parquet 1 GB'

/** The case of a CSV file of 1 GB. */
export const LARGE_TABLE = 'Iceberg 1 GB'

/** The case of an object of 1 GB. */
export const LARGE_LAKE = 'S3 1 GB'

/** The name of the reference job at another size. */
export function sizeCase(rows: number): string {
  return `reference at ${rows.toLocaleString('en-US')}`
}
