import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { asSluiceError, SluiceError } from '../../errors.ts'
import { crashPoint } from '../crash-point.ts'
import { makeDirectories, syncDirectory, writeDurably } from '../durable.ts'
import { partName } from '../part-name.ts'
import { keepSettings } from '../s3/keep-settings.ts'
import { withAccess } from '../s3/s3-access.ts'
import type { CommitOutcome, OutputFile, PreparedOutput, StagedPart, Target, TargetPlan } from '../target.ts'
import { writing } from '../write-error.ts'
import type { Catalog, PreparedTable, StagedTable } from './catalog.ts'
import { commitTable } from './commit-table.ts'
import type { StagedFiles } from './data-file.ts'
import { holdsCommit } from './find-commit.ts'
import { type IcebergOptions, type IcebergPlan, planIceberg, runDataFolder, runMetadataFolder } from './iceberg-plan.ts'
import { loadTable } from './load-table.ts'
import { writeManifest } from './manifest.ts'
import { addedEntry } from './manifest-entry.ts'
import { dataFolder, metadataFolder } from './metadata-location.ts'
import { newSnapshotId } from './new-table.ts'
import { bookmarkProperty } from './noted-bookmark.ts'
import { bindSpec, decodeTuple } from './partition-spec.ts'
import { type ReachedTable, reachPlanned, workOn } from './reach-table.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import { lostDataFile, placeDataFiles } from './stage-data-files.ts'
import type { TableCommit } from './table-commit.ts'
import { placeOf, removeEmptyFolder, removeFolder, writeTableFile } from './table-files.ts'
import type { TableMetadata } from './table-metadata.ts'
import type { TableName } from './table-name.ts'
import { type KnownTable, unchangedLayout, type WriteLayout, writeLayout } from './write-layout.ts'

export interface IcebergOutput extends PreparedOutput {
  readonly plan: IcebergPlan
  readonly commit: TableCommit
  /** Where its data files lie, and which: a commit looks whether they are there. */
  readonly dataFolder: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

/**
 * An Iceberg table. Data files lie where they will stay, in a folder of the run's own that no snapshot names; the commit is
 * one move of the catalog's pointer. To finish or undo a run the target needs no options: the plan has them.
 */
export function icebergTarget(options: IcebergOptions = {}): Target {
  return keepSettings({
    kind: 'iceberg',
    lastBookmark: async (location, { job, source }) => {
      const metadata = await loadTable(location, options.catalog)
      return metadata?.properties?.[bookmarkProperty(job, source)]
    },
    plan: (location, run) => planIceberg(location, run, options),
    open: (plan) => open(plan as IcebergPlan),
    partPath: (plan, split) => join(plan.staging, partName(split, plan.extension)),
    assemble: (plan, parts) => {
      return withAccess(accessOf(plan as IcebergPlan), () => assemble(plan as IcebergPlan, parts))
    },
    commit: (output) => commit(output as IcebergOutput),
    release: (plan) => release(plan as IcebergPlan),
    abort: (plan) => abort(plan as IcebergPlan),
  })
}

async function open(plan: IcebergPlan): Promise<TargetPlan> {
  await writing(plan.staging, () => makeDirectories(plan.staging))
  return plan
}

async function assemble(plan: IcebergPlan, parts: readonly StagedPart[]): Promise<IcebergOutput> {
  crashPoint('output-assembling')
  assembledHere.add(plan)
  const staged = parts.map(stagedFiles)
  const kept = tableToKeep(plan, staged)
  const drafted = kept === undefined ? writeLayout(plan, commonFields(plan, staged)) : unchangedLayout(kept)
  const created = plan.tableBase === null ? await withCatalog(plan, prepareTable(plan, drafted)) : null
  const layout = created === null ? drafted : { ...drafted, spec: created.spec, schema: created.schema }
  const location = plan.location ?? created?.location
  if (location === undefined) throw new SluiceError('internal', `${plan.path} has no location.`)
  if (plan.location === null) {
    const note: StagedTable = { location, schema: layout.schema, spec: layout.spec, properties: {} }
    await writing(plan.staging, () => writeDurably(placeNote(plan), JSON.stringify(note)))
  }
  await placeDataFiles(plan, location, staged)
  const runFolder = runDataFolder(location, plan)
  const snapshotId = newSnapshotId()
  const folder = runMetadataFolder(location, plan)
  const manifest = await writeAdded(layout, staged, { snapshotId, folder, runFolder })
  crashPoint('output-assembled')
  const files = staged.flatMap((part) => part.files)
  const { branch, runId, job, tableBase: base, properties, bookmark } = plan
  const { schema, lastColumnId, spec } = layout
  return {
    plan,
    outputs: files.map(({ path, records: rows, bytes, sha256 }): OutputFile => {
      return { path: `${runFolder}/${path}`, rows, bytes, sha256 }
    }),
    staged: runFolder,
    identity: String(snapshotId),
    dataFolder: runFolder,
    files: files.map(({ path, bytes }) => ({ path, bytes })),
    commit: {
      ...{
        mode: kept === undefined ? plan.mode : 'append',
        branch,
        runId,
        job,
        snapshotId: String(snapshotId),
        base,
        schema,
        lastColumnId,
        spec,
        folder,
        manifest,
      },
      create: created === null ? null : { uuid: created.uuid, location: created.location, created: created.created },
      properties: bookmark === null ? properties : { ...properties, [bookmark.property]: bookmark.position },
      bookmark,
    },
  }
}

/** A run that resumes replaces rows by what is new. Where that is nothing they stay, and the bookmark alone moves. */
function tableToKeep({ bookmark, mode, table }: IcebergPlan, staged: readonly StagedFiles[]): KnownTable | undefined {
  const replaces = mode === 'overwrite' || mode === 'createOrReplace'
  const isEmpty = staged.every(({ files }) => files.length === 0)
  return bookmark !== null && table !== null && replaces && isEmpty ? table : undefined
}

function stagedFiles(part: StagedPart): StagedFiles {
  const staged = part.staged as StagedFiles | undefined
  if (staged === undefined) throw new SluiceError('internal', 'A part for an Iceberg table names no data files.')
  if (part.cut !== undefined && part.cut.length > 0) {
    throw new SluiceError('internal', 'Bytes cannot be cut out of data files: they are written anew.')
  }
  return staged
}

/** Of a run without splits the table keeps its own columns. */
function commonFields({ path, table }: IcebergPlan, staged: readonly StagedFiles[]): StagedFiles['fields'] {
  const [first, ...others] = staged
  if (first === undefined) {
    if (table !== null) return []
    throw new SluiceError('target-not-writable', `No input says which columns the new table ${path} is to have.`)
  }
  const text = JSON.stringify(first.fields)
  if (others.every((part) => JSON.stringify(part.fields) === text)) return first.fields
  throw new SluiceError('target-not-writable', 'The inputs have columns of different types; cast them alike.')
}

function prepareTable(plan: IcebergPlan, { schema, spec }: WriteLayout) {
  return async (catalog: Catalog, table: TableName): Promise<PreparedTable> => {
    const prepared = await catalog.prepare(table, { schema, spec, properties: {} })
    const ids = (fields: readonly { readonly id: number; readonly name: string }[]) =>
      JSON.stringify(fields.map(({ id, name }) => [id, name]))
    if (ids(prepared.schema.fields) === ids(schema.fields)) return prepared
    // The data files have ours.
    throw new SluiceError('target-not-writable', `The catalog ${plan.catalog.name} gives the columns other ids.`)
  }
}

async function writeAdded(
  { schema, spec }: WriteLayout,
  staged: readonly StagedFiles[],
  { snapshotId, folder, runFolder }: { snapshotId: bigint; folder: string; runFolder: string },
): Promise<TableCommit['manifest']> {
  const files = staged.flatMap((part) => part.files)
  if (files.length === 0) return null
  const partition = bindSpec(spec, [schema])
  const entries = files.map((file) =>
    addedEntry(file, { snapshotId, folder: runFolder, partition: decodeTuple(partition, file.partition) }),
  )
  const bytes = await writeManifest({ schema, spec, partition }, entries)
  const path = `${folder}/added-${snapshotId}.avro`
  await syncFolders(runFolder, files)
  await writeTableFile(path, bytes)
  return { path, length: bytes.length }
}

/** The names of the data files survive a power cut, as their bytes do. */
async function syncFolders(folder: string, files: readonly { readonly path: string }[]): Promise<void> {
  const place = placeOf(folder)
  if (!('local' in place)) return
  const folders = new Set(
    files.flatMap(({ path }) => path.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))),
  )
  await writing(place.local, () => {
    for (const name of folders) syncDirectory(join(place.local, name))
  })
}

async function commit({ plan, commit: wanted, dataFolder: runFolder, files }: IcebergOutput): Promise<CommitOutcome> {
  crashPoint('target-locked')
  if (changesNothing(wanted)) return { outcome: 'committed' }
  const { create, schema, spec } = wanted
  if (create?.created === false) accessOf(plan)?.stage({ location: create.location, schema, spec, properties: {} })
  const outcome = await withCatalog(plan, async (catalog, table): Promise<CommitOutcome> => {
    const lost = await lostDataFile(runFolder, files)
    if (lost === undefined) return await commitTable(catalog, table, wanted)
    // A maintenance job may have compacted what was committed.
    const metadata = (await catalog.load(table))?.metadata
    if (metadata !== undefined && holdsCommit(metadata, wanted)) return { outcome: 'committed' }
    return { outcome: 'refused', code: 'staged-lost', reason: `${lost} is not there any more` }
  })
  crashPoint('target-switched')
  return outcome
}

/** A run that found nothing new leaves no snapshot. */
function changesNothing({ mode, manifest, base, schema, spec, properties, bookmark }: TableCommit): boolean {
  const read = bookmark !== null && bookmark.last === bookmark.position && Object.keys(properties).length === 1
  const shaped = base?.schemaId === schema['schema-id'] && base.specId === spec['spec-id']
  return read && mode === 'append' && manifest === null && shaped
}

/** The files of a run that was committed are the table's. What was staged in scratch is nobody's. */
async function release(plan: IcebergPlan): Promise<void> {
  // Of another process, which may have been killed while it committed. What stays harms nobody.
  if (!assembledHere.has(plan)) await tidy(plan).catch(() => {})
  if (isInPlace(plan)) removeEmptyFolder(plan.staging)
  else removeStaging(plan)
}

const assembledHere = new WeakSet<IcebergPlan>()

async function tidy(plan: IcebergPlan): Promise<void> {
  await withCatalog(plan, async (catalog, table) => {
    const metadata = (await catalog.load(table))?.metadata
    if (metadata !== undefined) await removeLeftovers(metadata, runMetadataFolder(metadata.location, plan))
  })
}

/** Removes the folders of the run, unless the table names them. */
async function abort(plan: IcebergPlan): Promise<void> {
  const staged = stagedTable(plan)
  if (staged !== undefined) accessOf(plan)?.stage(staged)
  await withCatalog(plan, async (catalog, table) => {
    const metadata = (await catalog.load(table))?.metadata
    const location = staged?.location ?? metadata?.location
    if (location === undefined || (metadata !== undefined && namesFolder(metadata, plan))) return
    await removeFolder(runDataFolder(location, plan))
    await removeFolder(runMetadataFolder(location, plan))
    // Of a table that never was nothing is left.
    if (metadata !== undefined) return
    const own = [dataFolder(location), metadataFolder(location), location]
    for (const folder of [...own, ...plan.newFolders]) removeEmptyFolder(folder)
  })
  if (!isInPlace(plan)) removeStaging(plan)
}

/** Where the catalog put a new table, for whoever undoes the run. */
function placeNote({ staging }: IcebergPlan): string {
  return join(staging, 'place')
}

/** Where the files of a run lie, and by what the catalog gives credentials for them should there be no table. */
function stagedTable(plan: IcebergPlan): StagedTable | undefined {
  const { location, table } = plan
  if (location !== null) {
    const { current: schema, spec } = table ?? { current: NO_COLUMNS, spec: NO_PARTITIONS }
    return { location, schema, spec, properties: {} }
  }
  return existsSync(placeNote(plan)) ? JSON.parse(readFileSync(placeNote(plan), 'utf8')) : undefined
}

const NO_COLUMNS = { type: 'struct', 'schema-id': 0, fields: [] } as const
const NO_PARTITIONS = { 'spec-id': 0, fields: [] } as const

/** Whether any snapshot was written by this very plan: each has its list in the plan's folder. */
function namesFolder({ snapshots = [] }: TableMetadata, { folder }: IcebergPlan): boolean {
  return snapshots.some((snapshot) => snapshot['manifest-list']?.includes(`/${folder}/`))
}

function isInPlace({ location, staging, folder }: IcebergPlan): boolean {
  return location !== null && staging.endsWith(`/${folder}`)
}

function removeStaging({ staging }: TargetPlan): void {
  rmSync(staging, { recursive: true, force: true })
}

async function withCatalog<R>(plan: IcebergPlan, work: (catalog: Catalog, table: TableName) => Promise<R>): Promise<R> {
  const reached = reachPlanned(plan.path, plan.catalog)
  try {
    return await workOn(reached, (catalog) => work(catalog, reached.table))
  } catch (error) {
    throw asSluiceError(error, 'target-not-writable', `Cannot write the table ${plan.path}`)
  }
}

function accessOf({ path, catalog }: IcebergPlan): ReachedTable['access'] {
  return reachPlanned(path, catalog).access
}
