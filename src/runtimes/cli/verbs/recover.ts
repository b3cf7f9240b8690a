import { recover } from '../../../lifecycle/recovery.ts'
import type { RecoveredRun } from '../../../lifecycle/settle-run.ts'
import { locateState } from '../../../lifecycle/state-directory.ts'
import { inOneLine } from '../format.ts'
import { startNarration } from '../narration.ts'
import { print, printJson } from '../print.ts'
import { table } from '../table.ts'

interface RecoverFlags {
  readonly state?: string
  readonly target?: string
  readonly json?: boolean
}

/** `sluice recover` */
export async function recoverRuns({ state: flag, target, json }: RecoverFlags): Promise<number> {
  const state = locateState(flag)
  const { log } = await startNarration('recover')
  const { runs, exitCode } = await recover({ state, log, ...(target === undefined ? {} : { target }) })
  if (json) await printJson({ runs: runs.map(asJson), exit_code: exitCode })
  else await print(told(runs, target ?? state.path))
  return exitCode
}

function told(runs: readonly RecoveredRun[], where: string): string {
  if (runs.length === 0) return `No interrupted runs in ${where}.\n`
  const rows = runs.map(({ runId, job = '', action, reason = '' }) => [runId, job, action, inOneLine(reason)])
  return `${table(rows).join('\n')}\n`
}

function asJson({ runId, job, startedAt, ...run }: RecoveredRun): object {
  return { run_id: runId, job, started_at: startedAt, ...run }
}
