import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { CatalogConfig } from '../../config/catalog-config.ts'
import { SluiceError } from '../../errors.ts'
import type { PlanOptions, TargetPlan } from '../target.ts'
import { configuredCatalog } from './catalog-settings.ts'
import type { SchemaPolicy } from './evolve-schema.ts'
import { holdsRun } from './find-commit.ts'
import { liveManifests } from './live-files.ts'
import { dataFolder, metadataFolder } from './metadata-location.ts'
import { missingFolders } from './missing-folders.ts'
import { movedBookmark, type NotedBookmark, notedBookmark } from './noted-bookmark.ts'
import { type PlannedCatalog, planCatalog } from './planned-catalog.ts'
import { reachPlanned, workOn } from './reach-table.ts'
import type { TableBase, WriteMode } from './table-commit.ts'
import { placeOf } from './table-files.ts'
import { currentSchema, currentSpec, MAIN, snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { parseTableName } from './table-name.ts'
import type { KnownTable, WriteWish } from './write-layout.ts'

/** How a job writes to a table. */
export interface IcebergOptions {
  /** Default `append`. */
  readonly mode?: WriteMode
  /** Default `main`. Another one begins where main is; `publishBranch` makes it main. */
  readonly branch?: string
  /** Such as `['day(ts)', 'bucket(16, id)', 'region']`, for tables that are made or replaced. */
  readonly partitionBy?: readonly string[]
  /** Default `evolve`. */
  readonly schemaPolicy?: SchemaPolicy
  /** Default: what the configuration has by the first part of the table's name. A text is another name there. */
  readonly catalog?: string | CatalogConfig
  /** Properties of the table that change in the same commit, such as a bookmark. */
  readonly properties?: Readonly<Record<string, string>>
}

/** All that stages, commits or undoes a run on a table. */
export interface IcebergPlan extends TargetPlan, WriteWish {
  readonly kind: 'iceberg'
  readonly job: string
  readonly catalog: PlannedCatalog
  readonly branch: string
  readonly properties: Readonly<Record<string, string>>
  readonly bookmark: NotedBookmark | null
  readonly tableBase: TableBase | null
  /** Of the table; null where the catalog will choose it. */
  readonly location: string | null
  /** Above the place of a new table, the lowest first: those that the run makes. */
  readonly newFolders: readonly string[]
  /** The name of this run's own folders: no other plan has it, not even one of the same run. */
  readonly folder: string
}

/** Looks at the table. Throws `target-not-adoptable` where the mode does not allow what is there. */
export async function planIceberg(location: string, run: PlanOptions, options: IcebergOptions): Promise<IcebergPlan> {
  const { catalog: name } = parseTableName(location)
  const config = typeof options.catalog === 'object' ? options.catalog : configuredCatalog(options.catalog ?? name)
  const planned = planCatalog(name, config)
  const reached = reachPlanned(location, planned, config)
  return await workOn(reached, async (catalog) => {
    const metadata = (await catalog.load(reached.table))?.metadata
    const place = metadata?.location ?? catalog.locationOf(reached.table) ?? null
    return await planUpon(metadata, { location, place, planned, run, options })
  })
}

interface Wish {
  readonly location: string
  readonly place: string | null
  readonly planned: PlannedCatalog
  readonly run: PlanOptions
  readonly options: IcebergOptions
}

/** Upon what the table is now; undefined: it is not there. */
async function planUpon(
  metadata: TableMetadata | undefined,
  { location, place, planned, run, options }: Wish,
): Promise<IcebergPlan> {
  const { mode = 'append', branch = MAIN, partitionBy, schemaPolicy = 'evolve', properties = {} } = options
  const { runId, job = '' } = run
  checkMode(location, { mode, branch }, metadata)
  if (metadata !== undefined) await checkWritable(metadata, { location, branch, runId, job })
  const bookmark = run.bookmark === undefined ? null : notedBookmark(job, run.bookmark)
  const moved = movedBookmark(bookmark, metadata)
  if (moved !== undefined) {
    throw new SluiceError('target-moved', `Nothing can be written to ${location}: ${moved}.`, { retryable: true })
  }
  const folder = `${runId}-${randomBytes(4).toString('hex')}`
  const tableBase = metadata === undefined ? null : baseOf(metadata, branch)
  return {
    kind: 'iceberg',
    path: location,
    runId,
    job,
    state: run.stateDirectory,
    staging: stagingOf(place, folder, run.scratch),
    base: JSON.stringify(tableBase),
    extension: '.parquet',
    ...{ catalog: planned, mode, branch, schemaPolicy, properties, bookmark, tableBase, folder },
    ...(partitionBy === undefined ? {} : { partitionBy }),
    table: metadata === undefined ? null : knownTable(metadata),
    location: place?.replace(/\/+$/, '') ?? null,
    newFolders: place === null || metadata !== undefined ? [] : missingFolders(place.replace(/\/+$/, '')),
  }
}

function checkMode(
  location: string,
  { mode, branch }: Readonly<{ mode: WriteMode; branch: string }>,
  metadata: TableMetadata | undefined,
): void {
  if (metadata === undefined && (mode === 'append' || mode === 'overwrite')) {
    const fix = 'Make it by `mode: "create"` or `"createOrReplace"`.'
    throw new SluiceError('target-not-adoptable', `There is no table ${location}. ${fix}`)
  }
  if (metadata !== undefined && mode === 'create') {
    const fix = 'Take `mode: "append"`, `"overwrite"` or `"createOrReplace"`.'
    throw new SluiceError('target-not-adoptable', `The table ${location} exists already. ${fix}`)
  }
  if (metadata !== undefined && mode === 'createOrReplace' && branch !== MAIN) {
    const fix = 'Take `mode: "overwrite"` on the branch, or replace the table on main.'
    const why = 'Columns and partitions are those of the table, and to replace them would change main as well.'
    throw new SluiceError(
      'target-not-adoptable',
      `${location} is there, and ${branch} is a branch of it. ${why} ${fix}`,
    )
  }
}

async function checkWritable(
  metadata: TableMetadata,
  { location, branch, runId, job }: Readonly<Record<'location' | 'branch' | 'runId' | 'job', string>>,
): Promise<void> {
  if (metadata.refs?.[branch]?.type === 'tag') {
    throw new SluiceError('target-not-adoptable', `${branch} is a tag of ${location}; write to a branch.`)
  }
  if (holdsRun(metadata, { branch, runId, job })) {
    const fix = 'Take another run id.'
    throw new SluiceError('run-id-conflict', `${location} holds the rows of a run ${runId} already. ${fix}`)
  }
  await liveManifests(snapshotOfRef(metadata, branch) ?? snapshotOfRef(metadata, MAIN))
}

function baseOf(metadata: TableMetadata, branch: string): TableBase {
  const head = snapshotOfRef(metadata, branch) ?? snapshotOfRef(metadata, MAIN)
  return {
    uuid: metadata['table-uuid'],
    snapshotId: head === undefined ? null : String(head['snapshot-id']),
    schemaId: metadata['current-schema-id'],
    specId: metadata['default-spec-id'],
  }
}

function knownTable(metadata: TableMetadata): KnownTable {
  return {
    current: currentSchema(metadata),
    lastColumnId: metadata['last-column-id'],
    lastSchemaId: Math.max(...metadata.schemas.map((schema) => schema['schema-id'])),
    spec: currentSpec(metadata),
    lastSpecId: Math.max(...metadata['partition-specs'].map((spec) => spec['spec-id'])),
    lastPartitionId: metadata['last-partition-id'],
  }
}

/** Local files are written where they will stay; what goes elsewhere is written to scratch first. */
function stagingOf(location: string | null, folder: string, scratch: string): string {
  const place = location === null ? undefined : placeOf(`${dataFolder(location)}/${folder}`)
  return place !== undefined && 'local' in place ? place.local : join(scratch, 'iceberg')
}

/** Where the data files of a run will lie. */
export function runDataFolder(location: string, { folder }: Pick<IcebergPlan, 'folder'>): string {
  return `${dataFolder(location)}/${folder}`
}

/** And the rest of what the run writes. */
export function runMetadataFolder(location: string, { folder }: Pick<IcebergPlan, 'folder'>): string {
  return `${metadataFolder(location)}/${folder}`
}
