import type { RunStatus } from '../journal-record.ts'
import type { JsonObject } from '../json.ts'
import type { Notification } from './notifier.ts'

export interface Told {
  readonly report: JsonObject
  readonly status: RunStatus
  /** Of a run that died before it could draft a report. */
  readonly environment: string
}

/** The notification of a report: who, what, how much, and of what went wrong a little. */
export function notificationOf({ report, status, environment }: Told, samples: number): Notification {
  const { run_id, job, source, outputs, rows, rules, dead_letters, timings, settled_at, recovered } = report
  const error = (report['error'] ?? null) as { readonly code: string; readonly message: string } | null
  const names = { run_id: String(run_id), job: String(job), status, environment }
  const failed = list(rules).filter((rule) => rule['status'] !== 'passed')
  return {
    schema_version: '1.0',
    type: 'sluice.run',
    text: textOf({ ...names, rows, error }),
    ...names,
    started_at: (timings as JsonObject | undefined)?.['started_at'] ?? report['started_at'] ?? null,
    settled_at: settled_at ?? null,
    recovered: recovered ?? false,
    rows: rows ?? null,
    error: error === null ? null : { code: error.code, message: clipped(error.message, MESSAGE) },
    rules: failed.slice(0, MOST).map((rule) => ruleOf(rule, samples)),
    source: list(source)
      .slice(0, MOST)
      .map(({ source: name, records, bytes }) => ({ source: name, records, bytes })),
    outputs: list(outputs)
      .slice(0, MOST)
      .map(({ path, rows: count, bytes }) => ({ path, rows: count, bytes })),
    dead_letters: dead_letters ?? null,
    truncated: [failed, list(source), list(outputs)].some(({ length }) => length > MOST),
  }
}

interface Telling {
  readonly job: string
  readonly run_id: string
  readonly status: RunStatus
  readonly environment: string
  readonly rows: unknown
  readonly error: { readonly message: string } | null
}

/** In one line, such as "orders committed in prod: 120 rows loaded, 3 rejected (run …)". */
function textOf({ job, run_id, status, environment, rows, error }: Telling): string {
  const { loaded = 0, rejected = 0 } = (rows ?? {}) as { readonly loaded?: number; readonly rejected?: number }
  const counts = `${loaded} rows loaded${rejected > 0 ? `, ${rejected} rejected` : ''}`
  const what = status === 'committed' ? counts : clipped((error?.message ?? counts).replace(/\s+/g, ' '), 300)
  return `${job} ${status.replace('_', ' ')} in ${environment}: ${what} (run ${run_id})`
}

function ruleOf(rule: JsonObject, samples: number): JsonObject {
  const { id, type, columns, severity, status, evaluated, failed, message } = rule
  const shown = list(rule['samples']).slice(0, samples).map(sampleOf)
  return {
    ...{ id, type, columns, severity, status, evaluated, failed },
    ...(message === undefined ? {} : { message: clipped(String(message), VALUE) }),
    ...(shown.length === 0 ? {} : { samples: shown }),
  }
}

/** As the report has it, which masks what is sensitive; but no value at length. */
function sampleOf(sample: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [name, typeof value === 'string' ? clipped(value, VALUE) : value]),
  )
}

function list(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value : []
}

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`
}

/** Of each list. */
const MOST = 20
const VALUE = 200
const MESSAGE = 4_000
