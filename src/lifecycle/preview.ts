import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveSettings, type Settings } from '../config/settings.ts'
import type { RunContext } from '../context.ts'
import { cellText } from '../records/cell-text.ts'
import type { Cell, Column } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { LIVE } from '../records/span.ts'
import type { Source, Split } from '../sources/source.ts'
import { withCatalogs } from '../storage/iceberg/catalog-settings.ts'
import { withS3 } from '../storage/s3/s3-settings.ts'
import type { Step } from '../transforms/step.ts'
import { bindJob } from './bind.ts'
import { gatherRounds } from './gather-rounds.ts'
import type { Job } from './job.ts'
import { jobContext } from './job-context.ts'
import { planInputs } from './job-inputs.ts'
import { silentLogger } from './logger.ts'
import { openResources, type Resources } from './resources.ts'
import type { RunOptions } from './run.ts'
import { newRunId } from './run-id.ts'
import type { SplitTicket } from './stage.ts'

export interface PreviewOptions extends Pick<RunOptions, 'environment' | 'config' | 'params' | 'signal'> {
  /** How many rows; default 20. */
  readonly rows?: number
}

/** The first rows as they would reach the rules of the job. */
export interface Preview {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Rows on the way that are faulty or that a transform could not do: they are not shown. */
  readonly rejected: number
}

/**
 * Reads and transforms only as much as the first rows need; all, where a step gathers. Judges nothing, writes nothing, is no run.
 */
export async function previewJob(job: Job, options: PreviewOptions = {}): Promise<Preview> {
  const settings = await resolveSettings(options)
  const context = previewContext(job, options, settings, await mkdtemp(join(tmpdir(), 'sluice-preview-')))
  return withS3(settings, () => withCatalogs(settings, () => firstRows(job, options, settings, context)))
}

async function firstRows(job: Job, options: PreviewOptions, settings: Settings, context: RunContext): Promise<Preview> {
  const shown = new FirstRows(options.rows ?? 20)
  try {
    const bound = bindJob(job, jobContext(settings, context))
    const { splits, plans } = await planInputs(bound, context)
    await using resources = await openResources(0)
    const onStaged = ({ verdict }: SplitTicket) => {
      shown.rejected += verdict.letters.letters
    }
    const gathering = { ...resources, context, plans, onStaged }
    const feed = await gatherRounds({ source: bound.source, splits }, bound.rounds.gathering, gathering)
    for (const split of feed.splits) {
      for await (const batch of transformed(feed.source, bound.rounds.last, split, context, resources)) {
        shown.take(batch)
        batch.release()
        context.signal.throwIfAborted()
        if (shown.full) return shown
      }
    }
    return shown
  } finally {
    await rm(context.scratch, { recursive: true, force: true })
  }
}

function transformed(
  source: Source,
  steps: readonly Step[],
  split: Split,
  context: RunContext,
  { pool, io }: Resources,
): AsyncIterable<RecordBatch> {
  const read = source.read(split, { context, pool, io, keep: false })
  const resources = { context, pool, expanded: () => {} }
  return steps.reduce<AsyncIterable<RecordBatch>>((batches, step) => step.apply(batches, resources), read)
}

class FirstRows implements Preview {
  columns: readonly string[] = []
  readonly rows: Cell[][] = []
  rejected = 0
  readonly #wanted: number

  constructor(wanted: number) {
    this.#wanted = wanted
  }

  get full(): boolean {
    return this.rows.length >= this.#wanted
  }

  take(batch: RecordBatch): void {
    this.columns = batch.schema.columns
    this.rejected += batch.faults.size + batch.errors.size
    const { mask } = batch
    for (let row = 0; row < batch.rows && !this.full; row++) {
      if (mask[row] === LIVE) this.rows.push(batch.columns.map((column) => shown(column, row)))
    }
  }
}

/** Dates as they will be written: a calendar day has no time. */
function shown(column: Column, row: number): Cell {
  const cell = column.value(row)
  return cell instanceof Date ? cellText(column, row) : cell
}

function previewContext(
  job: Job,
  { params = {}, signal }: PreviewOptions,
  settings: Settings,
  scratch: string,
): RunContext {
  const runId = newRunId()
  return {
    runId,
    job: job.name,
    environment: settings.environment.value,
    params,
    correlationId: runId,
    processedAt: new Date(),
    hashKey: new Uint8Array(32),
    memoryBudget: 1 << 20,
    scratch,
    signal: signal ?? new AbortController().signal,
    log: silentLogger,
    emit: () => {},
  }
}
