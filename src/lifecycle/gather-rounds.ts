import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { TypeName } from '../records/data-type.ts'
import { oneTypeEach } from '../sinks/complete-parquet.ts'
import type { ParquetPart } from '../sinks/parquet-staging.ts'
import { scratchParquet } from '../sinks/scratch-parquet.ts'
import { readGathered } from '../sources/gathered.ts'
import type { Source, SourcePlan, Split } from '../sources/source.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { makeDirectories } from '../storage/durable.ts'
import { INPUT, type StagedTable } from '../transforms/gather.ts'
import type { Step } from '../transforms/step.ts'
import { checkSameColumns } from './one-table.ts'
import type { GatherRound } from './rounds.ts'
import { shareColumns } from './share-columns.ts'
import { type GatheredRows, type SplitTicket, stageSplit } from './stage.ts'

/** Where a round takes its rows from. */
export interface Feed {
  readonly source: Source
  readonly splits: readonly Split[]
  /** Set when a gathering step made them. */
  readonly gathered?: GatheredRows
}

export interface GatherOptions {
  readonly context: RunContext
  readonly pool: BatchPool
  readonly io: ByteIo
  readonly plans: ReadonlyMap<Source, SourcePlan>
  /** Told of every split as soon as it is staged. */
  readonly onStaged: (ticket: SplitTicket) => void | Promise<void>
}

/** Plays the rounds that end with a gathering step, and returns what the last round is fed with. */
export async function gatherRounds(first: Feed, rounds: readonly GatherRound[], options: GatherOptions): Promise<Feed> {
  let feed = first
  for (const round of rounds) feed = await gather(feed, round, options)
  return feed
}

async function gather(feed: Feed, { name, steps, into, inputs }: GatherRound, options: GatherOptions): Promise<Feed> {
  const context = { ...options.context, scratch: join(options.context.scratch, name) }
  const staging = { ...options, context, feeds: name }
  const tables = [await stageTable(INPUT, feed, steps, staging)]
  for (const [table, source] of Object.entries(inputs)) {
    const { splits } = options.plans.get(source) as SourcePlan
    tables.push(await stageTable(table, { source, splits }, [], staging))
  }
  const output = join(context.scratch, 'result.parquet')
  const rows = await into.gather(tables, output, context)
  // The result is all that is needed of them, and they may be large.
  await rm(tablesOf(context), { recursive: true })
  const source = readGathered(name, output)
  const { splits } = await source.plan(context)
  return { source, splits, gathered: { by: name, rows } }
}

interface TableOptions extends GatherOptions {
  readonly feeds: string
}

/** Stages rows where the gathering step finds them. Nothing is judged here but what cannot be read or transformed. */
async function stageTable(
  table: string,
  { source, splits, gathered }: Feed,
  steps: readonly Step[],
  { context, pool, io, feeds, onStaged }: TableOptions,
): Promise<StagedTable> {
  const scratch = join(context.scratch, table)
  const directory = join(tablesOf(context), table)
  for (const path of [scratch, directory]) makeDirectories(path, 0o700)
  const common = { context: { ...context, scratch }, source, steps, pool, io, feeds, gathered }
  const nothing = { rules: [], states: [], lateRejects: false, quarantine: false }
  const tickets: SplitTicket[] = []
  for (const split of splits) {
    const options = { ...common, ...nothing, ...scratchParquet(directory, context.runId) }
    const ticket = shareColumns(await stageSplit(split, options), tickets.at(-1))
    await onStaged(ticket)
    tickets.push(ticket)
  }
  checkSameColumns(tickets, `${feeds} needs one table: name and order them alike with \`select\`.`)
  const parts = tickets.map(({ part }) => part as ParquetPart)
  return { name: table, files: parts.flatMap(({ files }) => files.map(({ path }) => path)), types: partialTypes(parts) }
}

function tablesOf({ scratch }: RunContext): string {
  return join(scratch, 'tables')
}

/** Types that some parts know and others do not, for these have no value. */
function partialTypes(parts: readonly ParquetPart[]): Readonly<Record<string, TypeName>> {
  const known = [...oneTypeEach(parts)].map(([column, { type }]) => [column, type] as const)
  return Object.fromEntries(known.filter(([column]) => parts.some(({ types }) => types[column] === undefined)))
}
