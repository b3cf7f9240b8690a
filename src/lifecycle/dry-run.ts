import { rmSync } from 'node:fs'
import type { Logger } from '../context.ts'
import type { Target } from '../storage/target.ts'
import { draftReport, type RunFacts } from './drafts.ts'
import type { JsonObject } from './json.ts'
import type { OpenRun } from './open-run.ts'

/**
 * Removes every trace of a run that was never to commit: staging, scratch and journal. It leaves no ledger entry, so its
 * id stays free, and no audit record. Until then it is a run like any other: `recover` undoes one that was killed.
 */
export async function discardRun(run: OpenRun, target: Target, log: Logger): Promise<void> {
  const plan = run.progress.planned?.plan
  try {
    if (plan !== undefined) await target.abort(plan)
    rmSync(run.state.run(run.runId), { recursive: true, force: true })
  } catch (error) {
    log.warn({ err: (error as Error).message }, 'could not remove all traces; run `sluice recover`')
  }
}

/** Rows were judged, none was loaded; the dead letters are counted but delivered nowhere. */
export function dryReport(facts: RunFacts, status: 'checked' | 'invalid' | 'failed'): JsonObject {
  const report = draftReport(facts)
  return {
    ...report,
    status,
    outputs: [],
    rows: { ...(report['rows'] as JsonObject), loaded: 0 },
    timings: { ...(report['timings'] as JsonObject), total_ms: Date.now() - facts.context.processedAt.getTime() },
    dead_letters: { ...(report['dead_letters'] as JsonObject), path: null },
  }
}
