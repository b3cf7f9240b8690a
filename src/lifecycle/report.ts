import type { RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'

/** What a run did, for programs. `toJSON` is the report of the command line, in snake case. */
export interface RunReport {
  readonly schemaVersion: string
  readonly runId: string
  readonly job: string
  readonly environment: string
  readonly status: RunStatus | 'checked'
  readonly source: readonly {
    readonly source: string
    readonly bytes?: number
    readonly sha256?: string
    readonly records: number
  }[]
  /** How far a table was read; when `last` is the same, the target had all of it before, and there was nothing new. */
  readonly bookmark?: {
    readonly source: string
    /** Where a run began that resumes; null at the beginning. */
    readonly last?: string | null
    readonly position: string
  }
  readonly outputs: readonly {
    readonly path: string
    readonly rows: number
    readonly bytes: number
    readonly sha256: string
  }[]
  readonly rows: {
    /** Records in the source, faulty ones included. */
    readonly read: number
    readonly produced: number
    readonly consumed: number
    readonly filtered: number
    readonly rejected: number
    /** Rows that passed everything. */
    readonly staged: number
    /** The same when the run committed, else 0. */
    readonly loaded: number
  }
  /** Columns that the target did not take because the job says so, and how many rows had them. */
  readonly discardedColumns?: readonly { readonly column: string; readonly rows: number }[]
  readonly rules: readonly {
    readonly id: string
    readonly type: string
    readonly columns: readonly string[]
    readonly severity: string
    readonly status: string
    readonly evaluated: number
    readonly failed: number
    readonly samples: readonly Readonly<Record<string, unknown>>[]
    readonly samplesTruncated: boolean
  }[]
  /** What was rejected for another reason than a rule, by code: faulty records, and what a transform could not do. */
  readonly rejects: readonly {
    readonly code: string
    readonly stage: string
    readonly rows: number
    readonly samples: readonly Readonly<Record<string, unknown>>[]
    readonly samplesTruncated: boolean
  }[]
  readonly deadLetters: { readonly path: string | null; readonly letters: number; readonly delivered?: boolean }
  /** Of a job that has somebody to tell: who was told. A failure changes nothing of the run. */
  readonly notifications?: readonly {
    readonly target: string
    readonly status: 'sent' | 'failed'
    readonly error?: string
  }[]
  readonly timings: Readonly<Record<string, unknown>>
  readonly peakRssBytes: number
  readonly error: { readonly code: string; readonly message: string } | null
  /** What could not be done although the outcome stands, such as the delivery of dead letters: for `sluice recover`. */
  readonly unfinished: readonly { readonly code: string; readonly message: string }[]
  toJSON(): JsonObject
}

/** The report of a program out of the report in JSON. */
export function runReport(json: JsonObject): RunReport {
  const report = camelCased(json) as object
  return Object.defineProperty(report, 'toJSON', { value: () => json, enumerable: false }) as RunReport
}

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [camel(key), camelCased(item)])
  return Object.fromEntries(entries)
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
