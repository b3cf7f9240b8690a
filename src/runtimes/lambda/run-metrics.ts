import type { RunReport } from '../../lifecycle/report.ts'

/** What is measured of a run, and by what CloudWatch tells it from others. */
export interface MeasuredRun {
  readonly service: string
  readonly job: string
  readonly environment: string
  readonly runId: string
  readonly requestId: string
  readonly milliseconds: number
  readonly committed: boolean
  /** Undefined when it came to none. */
  readonly report: RunReport | undefined
}

/** Writes the metrics of a run to stdout, from where CloudWatch takes them: in its Embedded Metric Format. */
export function writeMetrics(run: MeasuredRun): void {
  process.stdout.write(`${JSON.stringify(metricsOf(run))}\n`)
}

const UNITS = {
  RowsRead: 'Count',
  RowsLoaded: 'Count',
  RowsRejected: 'Count',
  DurationMs: 'Milliseconds',
  Committed: 'Count',
  Failed: 'Count',
} as const

function metricsOf({
  service,
  job,
  environment,
  runId,
  requestId,
  milliseconds,
  committed,
  report,
}: MeasuredRun): object {
  const { read = 0, loaded = 0, rejected = 0 } = report?.rows ?? {}
  const values: Readonly<Record<keyof typeof UNITS, number>> = {
    RowsRead: read,
    RowsLoaded: loaded,
    RowsRejected: rejected,
    DurationMs: Math.round(milliseconds),
    Committed: committed ? 1 : 0,
    Failed: committed ? 0 : 1,
  }
  const Metrics = Object.entries(UNITS).map(([Name, Unit]) => ({ Name, Unit }))
  const Namespace = process.env['POWERTOOLS_METRICS_NAMESPACE'] || 'Sluice'
  const directive = { Namespace, Dimensions: [['service', 'job', 'environment']], Metrics }
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    ...{ service, job, environment, ...values, run_id: runId, function_request_id: requestId },
  }
}
