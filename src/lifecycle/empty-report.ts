import type { RunError, RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import { SCHEMA_VERSION } from './schema-version.ts'

export interface KnownOfRun {
  readonly runId?: string
  readonly job?: string
  readonly environment?: unknown
  /** As in a report. */
  readonly source?: unknown
  readonly startedAt?: string
}

/** The report of a run of which nobody can tell more than how it ended. It has all fields of any other. */
export function emptyReport({ code, message }: RunError, known: KnownOfRun = {}): JsonObject {
  const status: RunStatus = code === 'in-doubt' ? 'in_doubt' : 'failed'
  return {
    schema_version: SCHEMA_VERSION,
    run_id: known.runId ?? null,
    job: known.job ?? null,
    environment: known.environment ?? null,
    status,
    source: known.source ?? [],
    outputs: [],
    rows: { read: 0, produced: 0, consumed: 0, filtered: 0, rejected: 0, staged: 0, loaded: 0 },
    rules: [],
    rejects: [],
    dead_letters: { path: null, letters: 0 },
    timings: known.startedAt === undefined ? {} : { started_at: known.startedAt },
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    error: { code, message },
    unfinished: [],
  }
}
