import { LARGE_LAKE, LARGE_PARQUET, LARGE_TABLE, sizeCase } from './cases.ts'
import { greatestRss, type Results, ratio } from './results.ts'
import { rowCostGrowth } from './row-cost.ts'

/** What a release must reach. */
export interface Bar {
  readonly promise: string
  readonly limit: number
  readonly sense: 'at least' | 'at most'
  readonly unit: string
  /** Undefined when this run did not measure it. */
  measure(results: Results): number | undefined
}

export const BARS: readonly Bar[] = [
  atLeast(15, '×', 'faster than the hand-written pipeline', (results) =>
    ratio(results, 'reference', 'handwritten', 'sluice'),
  ),
  atLeast(3.5, '×', 'faster than DuckDB on one thread', (results) => ratio(results, 'reference', 'duckdb', 'sluice')),
  atLeast(6, '×', 'faster than the hand-written pipeline, wide shape in quarantine', (results) =>
    ratio(results, 'wide', 'handwritten', 'sluice'),
  ),
  atLeast(3, '×', 'faster than the hand-written pipeline, with `mapRows`', (results) =>
    ratio(results, 'reference', 'handwritten', 'sluice mapRows'),
  ),
  atMost(140, 'MB', 'peak RSS of the reference job', (results) => greatestRss(results, 'reference', 'sluice')),
  atMost(160, 'MB', 'peak RSS at 10,000,000 rows', (results) => greatestRss(results, sizeCase(10_000_000), 'sluice')),
  atMost(200, 'MB', 'peak RSS when every row is rejected', (results) => greatestRss(results, 'all-rejected', 'sluice')),
  atLeast(4, '×', 'faster into Parquet than csv-parse and parquetjs-lite', (results) =>
    ratio(results, 'Parquet', 'csv-parse and parquetjs-lite', 'sluice'),
  ),
  atLeast(0.6, '×', 'speed of DuckDB on one thread, into Parquet', (results) =>
    ratio(results, 'Parquet', 'duckdb', 'sluice'),
  ),
  atMost(260, 'MB', 'peak RSS into Parquet', (results) => greatestRss(results, 'Parquet', 'sluice')),
  atMost(260, 'MB', 'peak RSS into Parquet at 10,000,000 rows', (results) =>
    greatestRss(results, LARGE_PARQUET, 'sluice'),
  ),
  atLeast(1, '×', "speed of PyIceberg's `append`, into a table", (results) =>
    ratio(results, 'Iceberg', 'pyiceberg', 'sluice'),
  ),
  atMost(260, 'MB', 'peak RSS into a table', (results) => greatestRss(results, 'Iceberg', 'sluice')),
  atMost(260, 'MB', 'peak RSS into a table at 10,000,000 rows', (results) =>
    greatestRss(results, LARGE_TABLE, 'sluice'),
  ),
  atMost(260, 'MB', 'peak RSS into 16 partitions', (results) =>
    greatestRss(results, 'Iceberg', 'sluice, 16 partitions'),
  ),
  atMost(260, 'MB', 'peak RSS into 16 partitions at 10,000,000 rows', (results) =>
    greatestRss(results, LARGE_TABLE, 'sluice, 16 partitions'),
  ),
  atLeast(400, 'MB/s', 'scanner alone, the slower of two shapes', ({ scanner }) =>
    scanner.length === 0 ? undefined : Math.min(...scanner.map(({ median }) => median)),
  ),
  atMost(1.25, '×', 'cost of a row at the largest size, against the size where it is least', rowCostGrowth),
  atLeast(0.7, '×', 'speed of a plain SDK copy, from S3 to S3', (results) =>
    ratio(results, 'S3', 'plain copy', 'sluice'),
  ),
  atMost(260, 'MB', 'peak RSS for an object of 1 GB, from S3 to S3', (results) =>
    greatestRss(results, LARGE_LAKE, 'sluice'),
  ),
  atMost(1.05, '×', 'time with 10 resets while an object of 1 GB is read', (results) =>
    ratio(results, LARGE_LAKE, 'sluice, 10 resets', 'sluice'),
  ),
]

/** The verdict in a word. */
export function verdict(bar: Bar, value: number | undefined): 'met' | 'missed' | 'not measured' {
  if (value === undefined) return 'not measured'
  const met = bar.sense === 'at least' ? value >= bar.limit : value <= bar.limit
  return met ? 'met' : 'missed'
}

function atLeast(limit: number, unit: string, promise: string, measure: Bar['measure']): Bar {
  return { promise, limit, sense: 'at least', unit, measure }
}

function atMost(limit: number, unit: string, promise: string, measure: Bar['measure']): Bar {
  return { promise, limit, sense: 'at most', unit, measure }
}
