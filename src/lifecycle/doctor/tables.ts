import type { RunContext } from '../../context.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Source } from '../../sources/source.ts'
import type { IcebergPlan } from '../../storage/iceberg/iceberg-plan.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import { newRunId } from '../run-id.ts'
import type { Looked, Use } from './finding.ts'
import { probe } from './probes.ts'

/** What a source or a sink says of itself when it is a table. */
export interface TableDescription {
  readonly table: string
  /** By its name, where it has one. */
  readonly catalog: string | undefined
}

export function tableOf({ type, table, catalog }: Readonly<Record<string, unknown>>): TableDescription | undefined {
  if (type !== 'iceberg' || typeof table !== 'string') return undefined
  const named = catalog === undefined ? table.slice(0, table.indexOf('.')) : catalog
  return { table, catalog: typeof named === 'string' ? named : undefined }
}

export function useOfSourceTable(source: Source, { table }: TableDescription, context: RunContext): Use {
  return { subject: 'source', location: table, need: 'read', look: () => lookAtSource(source, context) }
}

export function useOfTargetTable(sink: Sink, { table }: TableDescription, { job }: RunContext): Use {
  return { subject: 'target', location: table, need: 'append', look: () => lookAtTarget(sink, job) }
}

/** A source plans from its input alone; of its data files the first stands for all. */
export async function lookAtSource(source: Source, context: RunContext): Promise<Looked> {
  const { splits } = await source.plan(context)
  const files = splits.filter(({ bytes = 0 }) => bytes > 0)
  const [first] = files
  if (first === undefined) return { status: 'ok', detail: 'readable, without rows' }
  const looked = await probe({ subject: 'source', location: plainAddress(first.source), need: 'read' })
  if (looked.status !== 'ok') return { ...looked, detail: `${first.source}: ${looked.detail}` }
  return { status: 'ok', detail: `readable, data files: ${files.length}` }
}

/** A plan touches nothing, and says what no commit could follow. */
async function lookAtTarget({ target, location }: Sink, job: string): Promise<Looked> {
  const plan = (await target.plan(location, { runId: newRunId(), job, stateDirectory: '', scratch: '' })) as IcebergPlan
  const made = plan.table === null ? 'will be made' : undefined
  if (plan.location === null) return { status: 'ok', detail: 'will be made where the catalog says' }
  const place = plainAddress(plan.location)
  const looked = await probe({ subject: 'target', location: `${place}/`, need: 'append' })
  if (looked.status !== 'ok') return { ...looked, detail: `${place}/: ${looked.detail}` }
  return { status: 'ok', detail: made ?? (isS3(place) ? 'there, and its files are reachable' : 'there, and writable') }
}

/** As probes know it. */
function plainAddress(location: string): string {
  return location.replace(/^file:(\/\/(?=\/))?/, '').replace(/^s3[an]:/, 's3:')
}
