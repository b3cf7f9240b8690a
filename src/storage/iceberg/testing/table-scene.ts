import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CatalogConfig } from '../../../config/catalog-config.ts'
import { parseType } from '../../../records/data-type.ts'
import type { Field } from '../../../records/schema.ts'
import type { CommitOutcome, PreparedOutput } from '../../target.ts'
import type { IcebergOptions, IcebergPlan } from '../iceberg-plan.ts'
import { icebergTarget } from '../iceberg-target.ts'
import { encodeTuple, partitionOf } from '../partition-spec.ts'
import { openCatalog } from '../planned-catalog.ts'
import { publishDataFile, stagedPath } from '../stage-data-files.ts'
import type { TableMetadata } from '../table-metadata.ts'
import { parseTableName } from '../table-name.ts'
import { writeLayout } from '../write-layout.ts'
import { type TinyRow, writeTiny } from './tiny-parquet.ts'

export const COLUMNS = { id: 'int64', region: 'string', ts: 'timestamptz' } as const

export interface SceneRun extends IcebergOptions {
  readonly rows: readonly TinyRow[]
  readonly columns?: Readonly<Record<string, string>>
  readonly job?: string
}

/** A table in a directory of the test's own, to which runs write as a sink and the lifecycle do. */
export class TableScene {
  readonly directory: string
  readonly table: string
  readonly catalog: CatalogConfig

  constructor(table = 'lake.silver.customers', catalog?: (directory: string) => CatalogConfig) {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-iceberg-')))
    this.table = table
    this.catalog = catalog?.(this.directory) ?? { type: 'sql', uri: `file:${this.directory}/lake/catalog.db` }
  }

  async planned(runId: string, { rows: _, columns: __, job = '', ...options }: SceneRun): Promise<IcebergPlan> {
    const target = icebergTarget({ catalog: this.catalog, ...options })
    const run = {
      runId,
      job,
      stateDirectory: join(this.directory, 'state'),
      scratch: join(this.directory, 'scratch', runId),
    }
    return (await target.open(await target.plan(this.table, run))) as IcebergPlan
  }

  /** Stages rows, each partition in a file of its own, and prepares their commit. */
  async prepared(runId: string, run: SceneRun): Promise<PreparedOutput> {
    const plan = await this.planned(runId, run)
    const fields = Object.entries(run.columns ?? COLUMNS).map(([name, type]): Field => {
      return { name, type: parseType(type), nullable: true }
    })
    const layout = writeLayout(plan, fields)
    const tupleOf = (row: TinyRow) => {
      const value = (id: number) => row[layout.columns.find((column) => column.id === id)?.name as string] ?? null
      return JSON.stringify(encodeTuple(layout.partition, partitionOf(layout.partition, value)))
    }
    const folders = run.rows.length === 0 ? new Map() : Map.groupBy(run.rows, tupleOf)
    const files = []
    for (const [index, rows] of [...folders.values()].entries()) {
      const file = writeTiny(stagedPath(plan, ''), `${index}.parquet`, layout, rows)
      await publishDataFile(plan, file)
      files.push(file)
    }
    const part = { split: 0, path: '', rows: run.rows.length, bytes: 0, sha256: '', staged: { fields, files } }
    // The journal keeps it as JSON.
    return JSON.parse(JSON.stringify(await icebergTarget().assemble(plan, [JSON.parse(JSON.stringify(part))])))
  }

  async run(runId: string, run: SceneRun): Promise<CommitOutcome> {
    const output = await this.prepared(runId, run)
    const outcome = await icebergTarget().commit(output)
    if (outcome.outcome === 'committed') await icebergTarget().release(output.plan)
    else await icebergTarget().abort(output.plan)
    return outcome
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

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export function row(id: number, region = 'EU', ts = '2026-01-02T03:04:05Z'): TinyRow {
  return { id: BigInt(id), region, ts: BigInt(Date.parse(ts)) * 1000n }
}
