import { hostname, userInfo } from 'node:os'
import { maskSecrets } from '../config/mask.ts'
import { VERSION } from '../config/version.ts'
import type { RunContext } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import type { PreparedOutput } from '../storage/target.ts'
import type { JobPlan } from './job-inputs.ts'
import type { JsonObject } from './json.ts'
import type { Judgement } from './judge.ts'
import type { RuleResult } from './rule-results.ts'
import { SCHEMA_VERSION } from './schema-version.ts'
import type { SplitTicket } from './stage.ts'

/** What is known of a run, more with every step; report and audit record are drawn from it. */
export interface RunFacts {
  readonly context: RunContext
  readonly fingerprint: string | undefined
  readonly code: string | undefined
  readonly deadLetters: string
  readonly timings: Readonly<Record<string, number>>
  readonly plan?: JobPlan
  readonly tickets?: readonly SplitTicket[]
  readonly judgement?: Judgement
  readonly output?: PreparedOutput
  /** In place of those of its rows, if the run failed for another reason. */
  readonly runLetters?: number
  readonly error?: SluiceError
}

/** The report as if the run committed; what became of it is put in when that is known. */
export function draftReport(facts: RunFacts): JsonObject {
  const { context, judgement, error, output } = facts
  return {
    schema_version: SCHEMA_VERSION,
    run_id: context.runId,
    job: context.job,
    environment: context.environment,
    status: 'failed',
    source: inputs(facts),
    ...bookmark(facts),
    outputs: outputFiles(output),
    rows: rowCounts(facts),
    ...discarded(facts),
    rules: (judgement?.rules ?? []).map(ruleJson),
    rejects: (judgement?.rejects ?? []).map(({ samplesTruncated, ...rest }) => ({
      ...rest,
      samples_truncated: samplesTruncated,
    })),
    dead_letters: { path: letterCount(facts) > 0 ? facts.deadLetters : null, letters: letterCount(facts) },
    timings: timings(facts),
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    error: error === undefined ? null : { code: error.code, message: error.message },
    unfinished: [],
  }
}

/** The audit record, likewise. It names who ran what, where, on what, and what came of it. */
export function draftAudit(facts: RunFacts): JsonObject {
  const { context, tickets = [], judgement, output } = facts
  return {
    schema_version: SCHEMA_VERSION,
    run_id: context.runId,
    job: context.job,
    fingerprint: facts.fingerprint ?? null,
    code_sha256: facts.code ?? null,
    environment: context.environment,
    correlation_id: context.correlationId,
    by: { user: userName(), host: hostname(), pid: process.pid, node: process.version, sluice: VERSION },
    params: maskSecrets(context.params),
    inputs: inputs(facts),
    ...bookmark(facts),
    stages: tickets.flatMap(({ stages }, split) => stages.map((counts) => ({ split, ...counts }))),
    rows: rowCounts(facts),
    rules: (judgement?.rules ?? []).map(({ samples: _, ...rule }) => ruleJson({ ...rule, samples: [] })),
    outputs: outputFiles(output),
    dead_letters: { path: letterCount(facts) > 0 ? facts.deadLetters : null, letters: letterCount(facts) },
    timings: timings(facts),
  }
}

function inputs({ plan, tickets = [] }: RunFacts): readonly JsonObject[] {
  const bySource = new Map(tickets.map((ticket) => [ticket.split.source, ticket]))
  return (plan?.inputs ?? []).map((input) => {
    const ticket = bySource.get(input.source)
    return {
      source: input.source,
      bytes: ticket?.end.bytes ?? input.bytes ?? null,
      mtime_ns: input.mtimeNs ?? null,
      sha256: ticket?.end.sha256 ?? null,
      records: ticket?.end.records ?? null,
    }
  })
}

/** Of a source that keeps one. Where it began is known of runs that resume. */
function bookmark({ plan }: RunFacts): JsonObject {
  if (plan?.bookmark === undefined) return {}
  const { source, position, last } = plan.bookmark
  return { bookmark: { source, ...(last === undefined ? {} : { last }), position } }
}

function outputFiles(output: PreparedOutput | undefined): readonly JsonObject[] {
  return (output?.outputs ?? []).map(({ path, rows, bytes, sha256 }) => ({ path, rows, bytes, sha256 }))
}

function rowCounts({ tickets = [], judgement }: RunFacts): JsonObject {
  const sum = (count: (ticket: SplitTicket) => number) => tickets.reduce((total, ticket) => total + count(ticket), 0)
  const stageSum = (field: 'produced' | 'consumed' | 'filtered') =>
    sum((ticket) => ticket.stages.reduce((total, counts) => total + counts[field], 0))
  const staged = (judgement?.parts ?? []).reduce((total, part) => total + part.rows, 0)
  return {
    // Not those that a step of the run made.
    read: sum((ticket) => (ticket.gathered === undefined ? ticket.end.records : 0)),
    produced: stageSum('produced'),
    consumed: stageSum('consumed'),
    filtered: stageSum('filtered'),
    rejected: judgement?.rejected ?? 0,
    staged,
    loaded: judgement?.verdict === 'commit' ? staged : 0,
  }
}

/** Columns that went nowhere, where there are any, and how many rows had them. */
function discarded({ judgement }: RunFacts): JsonObject {
  const rows = new Map<string, number>()
  for (const part of judgement?.parts ?? []) {
    for (const column of part.discarded ?? []) rows.set(column, (rows.get(column) ?? 0) + part.rows)
  }
  if (rows.size === 0) return {}
  return { discarded_columns: [...rows].map(([column, count]) => ({ column, rows: count })) }
}

function ruleJson(rule: RuleResult): JsonObject {
  const { samplesTruncated, samples, ...rest } = rule
  return {
    ...rest,
    samples: samples.map(({ firstRow, firstSource, ...sample }) => ({
      ...sample,
      ...(firstRow === undefined ? {} : { first_row: firstRow }),
      ...(firstSource === undefined ? {} : { first_source: firstSource }),
    })),
    samples_truncated: samplesTruncated,
  }
}

function letterCount({ judgement, runLetters }: RunFacts): number {
  return runLetters ?? judgement?.letters.letters ?? 0
}

function timings({ context, timings: milliseconds }: RunFacts): JsonObject {
  return { started_at: context.processedAt.toISOString(), ...milliseconds }
}

/** Containers may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
