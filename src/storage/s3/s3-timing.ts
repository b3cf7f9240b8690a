/** How long S3 may take, and how soon it is asked again. */
export interface S3Timing {
  /** A connection on which nothing has moved for so long is given up. */
  readonly idleMs: number
  /** About how long to wait before a request is made for the second time. Each wait after that is twice as long. */
  readonly retryMs: number
}

/** As the environment says, which tests use to be quick. */
export function s3Timing(): S3Timing {
  return { idleMs: milliseconds('SLUICE_S3_IDLE_MS', 30_000), retryMs: milliseconds('SLUICE_S3_RETRY_MS', 50) }
}

function milliseconds(name: string, otherwise: number): number {
  const value = Number(process.env[name])
  return value > 0 ? value : otherwise
}
