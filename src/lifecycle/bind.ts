import { createHash } from 'node:crypto'
import { SluiceError } from '../errors.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import type { Sink } from '../sinks/sink.ts'
import type { InputIdentity, Source } from '../sources/source.ts'
import { type AnyStep, RowStream } from '../transforms/row-stream.ts'
import type { DatasetRule, Rule } from '../validation/rule.ts'
import { type Rules, rulesOf } from '../validation/rules.ts'
import { isSink, isSource, type Job, type JobContext } from './job.ts'
import type { Notifier } from './notifications/notifier.ts'
import { notifiersOf } from './notifications/notifiers.ts'
import { type Rounds, roundsOf } from './rounds.ts'

/** A job with its functions called: what will be read, done, checked and written. */
export interface BoundJob {
  readonly source: Source
  readonly steps: readonly AnyStep[]
  /** The same steps, as they are played. */
  readonly rounds: Rounds
  readonly rules: readonly Rule[]
  readonly sink: Sink
  /** Undefined: the state directory's own file. */
  readonly deadLetters: string | undefined
  /** Undefined: those of the settings, if any. */
  readonly notifiers: readonly Notifier[] | undefined
}

/** Throws `job-invalid`, with what a function of the job threw as the cause; `usage` when params are missing. */
export function bindJob(job: Job, full: JobContext): BoundJob {
  checkParams(job, full.params)
  const source = given('extract', job.extract, full)
  if (!isSource(source)) throw new SluiceError('job-invalid', 'extract returned no source such as readCsv(…).')
  const { transform } = job
  const rows = transform === undefined ? new RowStream() : call('transform', () => transform(new RowStream(), full))
  if (!(rows instanceof RowStream)) throw new SluiceError('job-invalid', 'transform must return the rows it made.')
  const rounds = roundsOf(rows.steps)
  const rules = call('validate', () => rulesOf(given('validate', job.validate ?? {}, full) as Rules<never>))
  const sink = given('load', job.load, full)
  if (!isSink(sink)) throw new SluiceError('job-invalid', 'load returned no sink such as writeCsv(…).')
  const deadLetters = job.deadLetters === undefined ? undefined : given('deadLetters', job.deadLetters, full)
  if (deadLetters !== undefined && (typeof deadLetters !== 'string' || deadLetters === '')) {
    throw new SluiceError('job-invalid', 'deadLetters must be a path or an address, or a function that returns one.')
  }
  const notifiers = job.notify === undefined ? undefined : notifiersOf(given('notify', job.notify, full))
  return { source, steps: rows.steps, rounds, rules, sink, deadLetters, notifiers }
}

/** All that are missing are named at once. */
function checkParams({ name, requiredParams = [] }: Job, params: JobContext['params']): void {
  const missing = requiredParams.filter((param) => params[param] === undefined)
  if (missing.length === 0) return
  const example = /^[A-Z][A-Z0-9_]*$/.test(missing[0]!) ? `--${missing[0]} VALUE` : `--param ${missing[0]}=VALUE`
  const which = missing.length === 1 ? 'the param' : 'the params'
  throw new SluiceError('usage', `The job ${name} needs ${which} ${missing.join(', ')}: ${example}.`)
}

/** A part of a job that stands there, or that its function returns. */
function given(part: string, value: unknown, context: JobContext): unknown {
  return typeof value === 'function' ? call(part, () => value(context)) : value
}

/** What a function of the job returns; a plan that was thrown away must not look like no plan. */
function call<R>(part: string, fn: () => R): R {
  const result = guarded(part, fn)
  if (result === undefined) {
    throw new SluiceError('job-invalid', `${part} returned nothing; is a \`return\` missing?`)
  }
  if (!(result instanceof Promise)) return result
  result.catch(() => {})
  throw new SluiceError('job-invalid', `${part} is asynchronous; it must return at once, for nothing is read before.`)
}

function guarded<R>(part: string, fn: () => R): R {
  try {
    return fn()
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw new SluiceError('job-invalid', `${part} threw ${(error as Error)?.name}: ${(error as Error)?.message}`, {
      cause: error,
    })
  }
}

/** Tells runs apart by what their caller says of them. Undefined when he says nothing. */
export function fingerprintOfIdentity({ name }: Job, identity: string | undefined): string | undefined {
  if (identity === undefined) return undefined
  return createHash('sha256')
    .update(JSON.stringify({ job: name, identity }))
    .digest('hex')
}

/**
 * Tells runs apart: the same fingerprint means the same job, parameters and inputs. `code` is a hash of the job file
 * where there is one; functions count by their source text in any case, or by their description. Undefined when nobody
 * can tell whether the inputs are the same.
 */
export function fingerprintOf(
  job: Job,
  { source, steps, rules, sink }: BoundJob,
  run: {
    readonly params: Readonly<Record<string, string>>
    readonly inputs: readonly InputIdentity[]
    readonly version?: string | undefined
    readonly code: string | undefined
  },
): string | undefined {
  if (
    run.inputs.some(({ bytes, mtimeNs, file }) => bytes === undefined && mtimeNs === undefined && file === undefined)
  ) {
    return undefined
  }
  const { name, onInvalid, maxRejected } = job
  const parts = {
    job: { name, onInvalid, maxRejected },
    source: source.description,
    steps: steps.map((step) => step.description),
    rules: rules.map((rule) => ({ ...rule.description, ...rule.options, where: String(rule.options.where) })),
    sink: sink.description,
    params: Object.entries(run.params).sort(),
    inputs: run.inputs,
    version: run.version,
    code: run.code,
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export function startStates(rules: readonly Rule[]): unknown[] {
  return (rules.filter((rule) => rule.level === 'dataset') as readonly DatasetRule[]).map((rule) => {
    try {
      const state = rule.start()
      refusePromise(state)
      return state
    } catch (error) {
      throw new SluiceError('rule-failed', `The rule ${rule.id} threw: ${(error as Error)?.message}`, { cause: error })
    }
  })
}
