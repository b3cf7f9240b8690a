import { globSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CatalogConfig } from '../../config/catalog-config.ts'
import { duck } from '../../parquet/testing/duck.ts'
import { type WriteIcebergOptions, writeIceberg } from '../../sinks/iceberg.ts'
import { type Scan, type ScanOptions, scanTable } from '../../storage/iceberg/plan-scan.ts'
import { openCatalog } from '../../storage/iceberg/planned-catalog.ts'
import type { TableMetadata } from '../../storage/iceberg/table-metadata.ts'
import { parseTableName } from '../../storage/iceberg/table-name.ts'
import type { Job } from '../job.ts'
import type { RunReport } from '../report.ts'
import { type RunOptions, runJob } from '../run.ts'

/** An embedded catalog in a directory of one test's own, and runs that write to its tables. */
export class IcebergScene implements Disposable {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-iceberg-run-')))
  readonly table: string
  readonly catalog: CatalogConfig

  constructor(table = 'lake.silver.customers', catalog?: CatalogConfig) {
    this.table = table
    this.catalog = catalog ?? { type: 'sql', uri: `file:${this.directory}/lake/catalog.db` }
  }

  get state(): string {
    return join(this.directory, 'state')
  }

  run(
    job: Partial<Job> & Pick<Job, 'extract'>,
    options: WriteIcebergOptions = {},
    more: RunOptions = {},
  ): Promise<RunReport> {
    const load = writeIceberg(this.table, { catalog: this.catalog, ...options })
    return runJob({ name: 'iceberg', ...job, load } as Job, { state: this.state, ...more })
  }

  scan(options: ScanOptions = {}): Promise<Scan> {
    return scanTable(this.table, { catalog: this.catalog, ...options })
  }

  async metadata(): Promise<TableMetadata | undefined> {
    const { catalog: name, ...table } = parseTableName(this.table)
    const catalog = await openCatalog(name, this.catalog)
    try {
      return (await catalog.load(table))?.metadata
    } finally {
      await catalog.close()
    }
  }

  /** What DuckDB reads in the data files of the table, which the query knows as `FILES`. */
  async query(sql: string, options: ScanOptions = {}): Promise<readonly (readonly unknown[])[]> {
    const { files } = await this.scan(options)
    const list = files.map(({ path }) => `'${path.replace('file://', '')}'`).join(', ')
    const from = `read_parquet([${list}], union_by_name = true, hive_partitioning = false)`
    return await duck(sql.replaceAll('FILES', from))
  }

  /** All that lies below the warehouse but the database. */
  files(): readonly string[] {
    return globSync('lake/**/*.*', { cwd: this.directory })
      .filter((name) => !name.includes('catalog.db'))
      .sort()
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
