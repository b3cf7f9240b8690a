import { pipeline } from 'node:stream/promises'
import type { RunContext, StageCounts } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { SealedPart, Sink, Staging } from '../sinks/sink.ts'
import type { Source, Split, SplitEnd } from '../sources/source.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import type { TargetPlan } from '../storage/target.ts'
import type { Expansion, Step } from '../transforms/step.ts'
import { type SplitVerdict, Validation } from '../transforms/validate.ts'
import type { Rule } from '../validation/rule.ts'

/** What a split is staged with; the same for all splits of a run. */
export interface StageOptions {
  readonly context: RunContext
  readonly source: Source
  readonly steps: readonly Step[]
  readonly rules: readonly Rule[]
  readonly sink: Pick<Sink, 'stage'>
  readonly target: TargetPlan
  /** The states of the dataset rules, in their order. */
  readonly states: unknown[]
  /** Some rows may be rejected only by the judge, which then reads them again. */
  readonly lateRejects: boolean
  /** Such rows must be taken out of what was staged. */
  readonly quarantine: boolean
  readonly pool: BatchPool
  readonly io: ByteIo
  /** The gathering step that takes the rows, instead of the sink of the job. */
  readonly feeds?: string | undefined
  /** Of rows that a gathering step made. */
  readonly gathered?: GatheredRows | undefined
}

/** By which step rows were made, and out of how many. */
export interface GatheredRows {
  readonly by: string
  readonly rows: number
}

/** What became of one split: plain JSON, all that the judge needs. */
export interface SplitTicket {
  readonly split: Split
  readonly end: SplitEnd
  readonly stages: readonly StageCounts[]
  readonly verdict: SplitVerdict
  readonly part: SealedPart
  /** The gathering step that took the rows; the sink, if there is none. */
  readonly feeds?: string
  /** The gathering step that made the rows; those of an input, if there is none. */
  readonly gathered?: string
}

/**
 * Reads, transforms, validates and writes one split where no reader can see, and seals it. When it throws, nothing of
 * it is at work any more, and no handle is open.
 */
export async function stageSplit(split: Split, options: StageOptions): Promise<SplitTicket> {
  const { source, steps, rules, sink, target, states, pool, io, feeds, gathered } = options
  // What runs beside the chain of stages, such as a stream's feeding, hears of their first failure.
  const failure = new AbortController()
  const context = { ...options.context, signal: AbortSignal.any([options.context.signal, failure.signal]) }
  const write = { context, pool, io, keepIndex: options.lateRejects && options.quarantine }
  const { format } = source
  const validation = new Validation({
    rules,
    split: split.index,
    source: split.source,
    format,
    context,
    pool,
    io,
    states,
  })
  const read = new Reading(source.read(split, { context, pool, io, keep: options.lateRejects }))
  const taps = Array.from({ length: steps.length + 2 }, () => new Tap(context.signal, failure))
  const expansions: (Expansion | undefined)[] = []
  let staging: Staging | undefined
  try {
    staging = await sink.stage(target, split.index, write)
    const out = staging
    const stages = steps.map((step, index) => (batches: AsyncIterable<RecordBatch>) => {
      const expanded = (expansion: Expansion) => {
        expansions[index] = expansion
      }
      return step.apply((taps[index] as Tap).count(batches), { context, pool, expanded })
    })
    const [entrance, exit] = taps.slice(-2) as [Tap, Tap]
    const flow = [
      ...stages,
      (batches: AsyncIterable<RecordBatch>) => validation.apply(entrance.count(batches)),
      async (batches: AsyncIterable<RecordBatch>) => {
        for await (const batch of exit.count(batches)) {
          await out.write(batch)
          batch.release()
        }
      },
    ]
    // No signal here: `pipeline` would not wait for the stages to end. The taps between them look at it instead.
    await (pipeline as (stages: readonly unknown[]) => Promise<void>)([read, ...flow])
    const part = await out.seal()
    const verdict = await validation.seal()
    const counts = stageCounts(options, { taps, expansions, end: read.end, verdict, part })
    context.emit({ type: 'SplitStaged', split: split.index, counts })
    return {
      ...{ split, end: read.end, stages: counts, verdict, part },
      ...(feeds === undefined ? {} : { feeds }),
      ...(gathered === undefined ? {} : { gathered: gathered.by }),
    }
  } finally {
    await staging?.close()
    await validation.close()
  }
}

/** A source's batches, and what it says when they are over. */
class Reading implements AsyncIterable<RecordBatch> {
  #end: SplitEnd | undefined
  readonly #batches: AsyncGenerator<RecordBatch, SplitEnd, void>

  constructor(batches: AsyncGenerator<RecordBatch, SplitEnd, void>) {
    this.#batches = batches
  }

  get end(): SplitEnd {
    return this.#end as SplitEnd
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void, void> {
    this.#end = yield* this.#batches
  }
}

/**
 * Stands between two stages. Counts the rows that pass, by looking at them: what stages say of themselves is not asked.
 * Stops the flow when the run is aborted, and tells when the stage behind has failed.
 */
class Tap {
  rows = 0
  faults = 0
  readonly #signal: AbortSignal
  readonly #failure: AbortController

  constructor(signal: AbortSignal, failure: AbortController) {
    this.#signal = signal
    this.#failure = failure
  }

  async *count(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch, void, void> {
    for await (const batch of batches) {
      this.rows += batch.flowing
      this.faults += batch.faults.size
      this.#signal.throwIfAborted()
      let taken = false
      try {
        yield batch
        taken = true
      } finally {
        if (!taken) this.#failure.abort()
      }
    }
  }
}

/** What was counted between the stages of a split, and at its two ends. */
interface Counted {
  readonly taps: readonly Tap[]
  readonly expansions: readonly (Expansion | undefined)[]
  readonly end: SplitEnd
  readonly verdict: SplitVerdict
  readonly part: SealedPart
}

/** The account of each stage, in the order of the rows. The judge checks that the accounts agree. */
function stageCounts(
  { steps, feeds, gathered }: StageOptions,
  { taps, expansions, end, verdict, part }: Counted,
): readonly StageCounts[] {
  const first = taps[0] as Tap
  const none = { produced: 0, filtered: 0, rejected: 0, consumed: 0 }
  const { records, filtered = 0 } = end
  const entered =
    gathered === undefined
      ? { stage: 'extract', in: records, filtered }
      : { stage: gathered.by, in: gathered.rows, consumed: gathered.rows, produced: records }
  const counts: StageCounts[] = [{ ...none, ...entered, out: first.rows, rejected: first.faults }]
  steps.forEach((step, index) => {
    const before = taps[index] as Tap
    const after = taps[index + 1] as Tap
    const rejected = after.faults - before.faults
    const change = after.rows - before.rows + rejected
    const expansion = expansions[index] ?? { produced: Math.max(0, change), consumed: Math.max(0, -change) }
    counts.push({
      stage: step.name,
      ...none,
      in: before.rows,
      out: after.rows,
      rejected,
      // Only stages that may do so are believed to; for others the difference stays in the account and fails it.
      filtered: step.effect === 'filter' ? -change : 0,
      ...(step.effect === 'expand' ? expansion : {}),
    })
  })
  const entrance = taps.at(-2) as Tap
  const exit = taps.at(-1) as Tap
  counts.push({ stage: 'validate', ...none, in: entrance.rows, out: exit.rows, rejected: verdict.rejected })
  counts.push({ stage: feeds === undefined ? 'load' : 'gather', ...none, in: exit.rows, out: part.rows })
  return counts
}
