import type { SluiceError } from '../../errors.ts'
import { SCHEMA_VERSION } from '../../lifecycle/drafts.ts'
import type { JsonObject } from '../../lifecycle/json.ts'

/** The report of a command that failed before there was a run. It has all fields of a run's report. */
export function failureReport({ code, message }: SluiceError): JsonObject {
  return {
    schema_version: SCHEMA_VERSION,
    run_id: null,
    job: null,
    environment: null,
    status: 'failed',
    source: [],
    outputs: [],
    rows: { read: 0, produced: 0, consumed: 0, filtered: 0, rejected: 0, staged: 0, loaded: 0 },
    rules: [],
    dead_letters: { path: null, letters: 0 },
    timings: {},
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    error: { code, message },
  }
}
