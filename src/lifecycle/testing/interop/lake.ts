import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { CatalogConfig } from '../../../config/catalog-config.ts'
import type { TypeName } from '../../../records/data-type.ts'
import { writeCsv } from '../../../sinks/csv.ts'
import { type WriteIcebergOptions, writeIceberg } from '../../../sinks/iceberg.ts'
import type { ReadIcebergOptions } from '../../../sources/iceberg/options.ts'
import { readIceberg } from '../../../sources/iceberg.ts'
import { readRows } from '../../../sources/rows.ts'
import { scanTable } from '../../../storage/iceberg/plan-scan.ts'
import { openCatalog } from '../../../storage/iceberg/planned-catalog.ts'
import { publishBranch } from '../../../storage/iceberg/publish-branch.ts'
import { parseTableName } from '../../../storage/iceberg/table-name.ts'
import type { RowStream } from '../../../transforms/row-stream.ts'
import type { Job } from '../../job.ts'
import type { RunReport } from '../../report.ts'
import { runJob } from '../../run.ts'

export type Texts = Readonly<Record<string, string | null>>

/** A catalog that Sluice keeps in SQLite, with whatever tables a test makes there: `lake.<namespace>.<name>`. */
export class Lake implements Disposable {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-lake-')))
  readonly warehouse: string
  readonly #catalog: CatalogConfig

  constructor(warehouse?: string) {
    this.warehouse = warehouse ?? `file://${this.directory}/lake`
    const below = warehouse === undefined ? {} : { warehouse }
    this.#catalog = { type: 'sql', uri: `file:${this.database}`, ...below }
  }

  get database(): string {
    return `${this.directory}/lake/catalog.db`
  }

  /** Runs a job that casts texts and writes them. */
  async write(
    table: string,
    types: Readonly<Record<string, TypeName>>,
    rows: readonly Texts[],
    options: WriteIcebergOptions & { readonly runId?: string } = {},
  ): Promise<RunReport> {
    const { runId, ...more } = options
    const job = {
      name: table,
      extract: readRows(rows),
      transform: (stream: RowStream) => stream.cast(types as never),
      load: writeIceberg(table, { catalog: this.#catalog, ...more }),
    } as unknown as Job
    return await runJob(job, { state: join(this.directory, 'state'), ...(runId === undefined ? {} : { runId }) })
  }

  async publish(table: string, branch: string): Promise<void> {
    const { catalog: name, ...rest } = parseTableName(table)
    const catalog = await openCatalog(name, this.#catalog)
    try {
      await publishBranch(catalog, rest, branch)
    } finally {
      await catalog.close()
    }
  }

  async head(table: string): Promise<{ readonly snapshot: string; readonly files: number }> {
    const { snapshotId, files } = await scanTable(table, { catalog: this.#catalog })
    return { snapshot: snapshotId as string, files: files.length }
  }

  /** What Sluice reads, by id. */
  async read(table: string, options: ReadIcebergOptions = {}): Promise<readonly Texts[]> {
    const out = join(this.directory, 'read.csv')
    const extract = readIceberg(table, { catalog: this.#catalog, ...options })
    const job = { name: 'read', extract, load: writeCsv(out) } as Job
    await runJob(job, { state: join(this.directory, 'state') })
    const rows = parse(readFileSync(out, 'utf8'), { columns: true, cast: (text) => (text === '' ? null : text) })
    return (rows as Texts[]).sort((a, b) => Number(a['id']) - Number(b['id']))
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
