import { resolveSettings, type Settings } from '../config/settings.ts'
import type { RunContext } from '../context.ts'
import { asSluiceError, type ErrorCode, SluiceError } from '../errors.ts'
import { withCatalogs } from '../storage/iceberg/catalog-settings.ts'
import { withS3 } from '../storage/s3/s3-settings.ts'
import type { PreparedOutput, TargetPlan } from '../storage/target.ts'
import type { Rule } from '../validation/rule.ts'
import { fingerprintOf, fingerprintOfIdentity, startStates } from './bind.ts'
import { type BoundRun, bindRun } from './bind-run.ts'
import { checkDeadLetters } from './check-dead-letters.ts'
import { checkRunOptions } from './check-options.ts'
import { checkTarget } from './check-target.ts'
import { claimRun } from './claim-run.ts'
import { decide } from './decide.ts'
import { draftAudit, draftReport, type RunFacts } from './drafts.ts'
import { discardRun, dryReport } from './dry-run.ts'
import { failRun } from './fail-run.ts'
import { finish } from './finish.ts'
import { gatherRounds } from './gather-rounds.ts'
import { checkJob, type Job } from './job.ts'
import { jobContext } from './job-context.ts'
import { type JobPlan, planInputs, verifyInputs } from './job-inputs.ts'
import type { RunStatus, SealedLetters } from './journal-record.ts'
import { type Judgement, judge } from './judge.ts'
import { letterPlace } from './letters/letter-place.ts'
import { checkOneTable } from './one-table.ts'
import type { OpenRun } from './open-run.ts'
import { planTarget } from './plan-target.ts'
import { recordStaged } from './record-staged.ts'
import { type RunReport, runReport } from './report.ts'
import { openResources, type Resources } from './resources.ts'
import { runContext } from './run-context.ts'
import { asRunError, inDoubt, rootCause, withReport } from './run-errors.ts'
import { newRunId } from './run-id.ts'
import { sealRunLetter } from './run-letter.ts'
import type { RunOptions } from './run-options.ts'
import { shareColumns } from './share-columns.ts'
import { type SplitTicket, stageSplit } from './stage.ts'
import { locateState, type StateDirectory } from './state-directory.ts'
import { StopWatch } from './stop-watch.ts'

export type { RunOptions } from './run-options.ts'

/**
 * Runs a job: plan, stage, judge, decide, commit. Resolves when the data is visible; otherwise throws a `SluiceError`
 * with the report of the run, and nothing was loaded (unless its code is `in-doubt`). What `recover` has to finish all
 * the same, such as dead letters that could not be delivered, stands in the report as `unfinished`.
 */
export async function runJob(job: Job, options: RunOptions = {}): Promise<RunReport> {
  checkJob(job)
  checkRunOptions(options)
  const settings = await resolveSettings(options)
  return withS3(settings, () => withCatalogs(settings, () => new Run(job, options, settings).execute()))
}

class Run {
  readonly #job: Job
  readonly #options: RunOptions
  readonly #bound: BoundRun
  readonly #state: StateDirectory
  readonly #context: RunContext
  readonly #abort = new AbortController()
  readonly #clock = new StopWatch()
  #facts: RunFacts

  constructor(job: Job, options: RunOptions, settings: Settings) {
    this.#job = job
    this.#options = options
    const { params = {}, runId = newRunId() } = options
    this.#bound = bindRun(job, jobContext(settings, { params, runId }), settings)
    this.#state = locateState(settings)
    const { signal } = this.#abort
    this.#context = runContext(job, options, {
      runId,
      environment: settings.environment.value,
      scratch: this.#state.scratch(runId),
      signal: options.signal === undefined ? signal : AbortSignal.any([options.signal, signal]),
    })
    const { deadLetters } = this.#bound
    this.#facts = {
      context: this.#context,
      fingerprint: fingerprintOfIdentity(job, options.identity),
      code: options.code,
      deadLetters: deadLetters === undefined ? this.#state.deadLetters(runId) : letterPlace(deadLetters, runId),
      timings: {},
    }
  }

  async execute(): Promise<RunReport> {
    const planned = await this.#planSource()
    await using resources = await openResources(planned instanceof SluiceError ? 0 : planned.bytes)
    const mayCommit = !this.#options.dryRun && !(planned instanceof SluiceError)
    const claim = await claimRun(this.#state, this.#header(), this.#context.log, { mayCommit })
    if (claim.kind === 'repeated') return runReport(claim.entry.report)
    await using run = claim.run
    try {
      // Before anything can fail that would leave a letter.
      checkDeadLetters(this.#bound, this.#state)
      if (planned instanceof SluiceError) throw planned
      checkTarget(this.#bound)
      return await this.#stageAndJudge(run, planned, resources)
    } catch (error) {
      throw await this.#fail(run, await this.#causeOf(error))
    }
  }

  /** A source that cannot be planned is a failed run like any other: it has an id and an audit record. */
  async #planSource(): Promise<JobPlan | SluiceError> {
    try {
      const plan = await planInputs(this.#bound, this.#context, this.#state)
      const { params = {}, code } = this.#options
      const run = { params, ...plan.sameness, code }
      this.#learn({ plan, fingerprint: this.#facts.fingerprint ?? fingerprintOf(this.#job, this.#bound, run) })
      return plan
    } catch (error) {
      return asSluiceError(error, 'source-failed', 'Cannot plan the source')
    }
  }

  #header() {
    const { runId, job, processedAt } = this.#context
    return {
      runId,
      job,
      // Without a fingerprint a run neither repeats another one nor stands in its way.
      fingerprint: (this.#options.dryRun ? undefined : this.#facts.fingerprint) ?? null,
      startedAt: processedAt.toISOString(),
      deadLetters: this.#facts.deadLetters,
      // Nobody is told of a run that is to leave no trace, whoever ends it.
      notify: this.#options.dryRun ? [] : this.#bound.notifiers.map(({ plan }) => plan),
      audit: draftAudit(this.#facts),
    }
  }

  async #stageAndJudge(run: OpenRun, plan: JobPlan, { pool, io }: Resources): Promise<RunReport> {
    const { source, rounds, rules, sink } = this.#bound
    const context = this.#context
    const { log, emit } = context
    const { location, adopt, extension, keepVersions = true } = sink
    // A gathering step makes one split of all.
    const splits = rounds.gathering.length > 0 ? 1 : plan.splits.length
    const audit = draftAudit(this.#facts)
    const target = await planTarget(run, {
      target: sink.target,
      ...{ location, adopt, extension, keepVersions, splits, audit, log },
      ...(plan.bookmark === undefined ? {} : { bookmark: plan.bookmark }),
    })
    emit({ type: 'RunPlanned', splits, bytes: plan.bytes, target: target.path })
    this.#lap('plan_ms')

    const { onInvalid = 'fail', maxRejected } = this.#job
    const common = { context, steps: rounds.last, rules, sink, target, pool, io, states: startStates(rules) }
    const lateRejects = rules.some((rule) => rule.level === 'unique')
    const options = {
      ...common,
      lateRejects,
      quarantine: mayCommitWithRejects(onInvalid, rules),
      onInvalid,
      maxRejected,
    }
    const tickets: SplitTicket[] = []
    const onStaged = async (ticket: SplitTicket) => {
      await recordStaged(run, tickets.length, ticket)
      tickets.push(ticket)
      this.#learn({ tickets })
    }
    const gathering = { context, pool, io, plans: plan.plans, onStaged }
    const feed = await gatherRounds({ source, splits: plan.splits }, rounds.gathering, gathering)
    const last = { ...options, source: feed.source, gathered: feed.gathered }
    for (const split of feed.splits) await onStaged(shareColumns(await stageSplit(split, last), tickets.at(-1)))
    await verifyInputs(plan, context)
    checkOneTable(tickets, target)
    this.#lap('stage_ms')

    const judgement = await judge(tickets, last)
    this.#learn({ judgement })
    if (this.#options.dryRun) return await this.#endDryRun(run, plan)
    const output = judgement.verdict === 'commit' ? await this.#assemble(target, judgement, { pool, io }) : undefined
    // Once more, for the judge reads the rows again that only it could reject.
    await verifyInputs(plan, context)
    this.#lap('judge_ms')
    context.signal.throwIfAborted()
    return await this.#settle(run, output)
  }

  async #assemble(
    plan: TargetPlan,
    { parts }: Judgement,
    { pool, io }: Pick<Resources, 'pool' | 'io'>,
  ): Promise<PreparedOutput> {
    const { sink } = this.#bound
    const resources = { context: this.#context, pool, io, keepIndex: false }
    return await sink.target.assemble(plan, (await sink.complete?.(plan, parts, resources)) ?? parts)
  }

  /** From here on there is no way back: a signal no longer stops the run. */
  async #settle(run: OpenRun, output: PreparedOutput | undefined): Promise<RunReport> {
    const { verdict, reason, letters } = this.#facts.judgement as NonNullable<RunFacts['judgement']>
    const refused = reason === undefined ? undefined : refusal(reason)
    this.#learn({ ...(output === undefined ? {} : { output }), ...(refused === undefined ? {} : { error: refused }) })
    await decide(run, {
      ...(output === undefined ? { verdict: 'reject', output: null } : { verdict: 'commit', output }),
      letters: letters.letters > 0 ? letters : null,
      error: refused === undefined ? null : { code: refused.code, message: refused.message },
      audit: draftAudit(this.#facts),
      report: draftReport(this.#facts),
    })
    this.#context.emit({ type: 'RunDecided', verdict })
    const { log, emit } = this.#context
    const { notifiers, sink } = this.#bound
    const settlement = await finish(run, { log, emit, notifiers, target: sink.target })
    const report = runReport(settlement.report)
    const { error } = settlement
    if (error === null) return report
    const failure = new SluiceError(error.code, error.message)
    emit({ type: 'RunFailed', error: failure })
    throw withReport(failure, report)
  }

  async #endDryRun(run: OpenRun, plan: JobPlan): Promise<RunReport> {
    await verifyInputs(plan, this.#context)
    const { verdict, reason } = this.#facts.judgement as NonNullable<RunFacts['judgement']>
    if (verdict === 'reject') throw refusal(`${reason}`)
    this.#lap('judge_ms')
    await discardRun(run, this.#bound.sink.target, this.#context.log)
    return runReport(dryReport(this.#facts, 'checked'))
  }

  /** What a source that changed made fail on its way, such as a file that suddenly has no rows. */
  async #causeOf(error: unknown): Promise<unknown> {
    const { plan } = this.#facts
    if (plan === undefined || (error as SluiceError)?.report !== undefined) return error
    try {
      await verifyInputs(plan, this.#context)
      return error
    } catch (changed) {
      return rootCause(error, changed)
    }
  }

  /** Ends a run that came to no verdict; in doubt, everything stays as it is. */
  async #fail(run: OpenRun, cause: unknown): Promise<SluiceError> {
    const error = run.progress.decided === undefined ? asRunError(cause, this.#context.signal) : inDoubt(run, cause)
    if (error.report !== undefined) return error
    this.#learn({ error })
    this.#context.emit({ type: 'RunFailed', error })
    const status = LEFT_ALONE[error.code]
    if (status !== undefined) return withReport(error, runReport({ ...draftReport(this.#facts), status }))
    const { log, emit } = this.#context
    const { exitCode } = error
    if (this.#options.dryRun) {
      await discardRun(run, this.#bound.sink.target, log)
      return withReport(error, runReport(dryReport(this.#facts, exitCode === 3 ? 'invalid' : 'failed')))
    }
    // Also for a header that lacks a column: no row could be asked, so that none has a letter.
    const letters = exitCode === 3 || exitCode === 4 ? await this.#runLetter(error) : null
    this.#learn({ runLetters: letters?.letters ?? 0 })
    const failure = { error, letters, audit: draftAudit(this.#facts), report: draftReport(this.#facts) }
    const { notifiers, sink } = this.#bound
    const options = { log, emit, notifiers, target: sink.target }
    const settlement = await failRun(run, failure, options).catch((lost) => this.#fail(run, lost))
    if (settlement instanceof SluiceError) return settlement
    return withReport(error, runReport(settlement?.report ?? draftReport(this.#facts)))
  }

  /** A run that fails for another reason than its rows leaves one letter that says so. */
  async #runLetter(error: SluiceError): Promise<SealedLetters | null> {
    const { log, scratch } = this.#context
    const header = { ...this.#header(), audit: draftAudit(this.#facts) }
    try {
      return await sealRunLetter(`${scratch}/run-letter.jsonl`, header, error)
    } catch (cause) {
      log.warn({ err: (cause as Error).message }, 'could not write the dead letter of the run')
      return null
    }
  }

  #learn(facts: Partial<RunFacts>): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  #lap(name: string): void {
    this.#learn({ timings: { ...this.#facts.timings, [name]: this.#clock.lap() } })
  }
}

/** Then rows that only the judge can reject must be taken out of what is staged. */
function mayCommitWithRejects(onInvalid: 'fail' | 'quarantine', rules: readonly Rule[]): boolean {
  return (
    onInvalid === 'quarantine' || rules.some(({ options }) => (options.maxFailed ?? options.maxFailedPercent ?? 0) > 0)
  )
}

/** Where the rejected rows are is said when they are there. */
function refusal(reason: string): SluiceError {
  return new SluiceError('validation-failed', `${reason}. Nothing was written.`)
}

/** Of a run that somebody else will settle, or has: nothing may be touched. */
const LEFT_ALONE: Readonly<Partial<Record<ErrorCode, RunStatus>>> = { 'in-doubt': 'in_doubt', 'run-lost': 'failed' }
