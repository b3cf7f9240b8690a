import { recover } from '../../../lifecycle/recovery.ts'
import type { RecoveredRun } from '../../../lifecycle/settle-run.ts'
import { locateState } from '../../../lifecycle/state-directory.ts'
import { withCatalogs } from '../../../storage/iceberg/catalog-settings.ts'
import { withS3 } from '../../../storage/s3/s3-settings.ts'
import { commandSettings, type SettingFlags } from '../command-settings.ts'
import { inOneLine } from '../format.ts'
import { startNarration } from '../narration.ts'
import { print, printJson } from '../print.ts'
import { table } from '../table.ts'

interface RecoverFlags extends SettingFlags {
  readonly target?: string
  readonly json?: boolean
}

/** `sluice recover` */
export async function recoverRuns({ target, json, ...flags }: RecoverFlags): Promise<number> {
  const settings = await commandSettings(flags)
  const { log } = await startNarration('recover')
  const state = withS3(settings, () => locateState(settings))
  const work = { state, log, ...(target === undefined ? {} : { target }) }
  const { runs, exitCode } = await withS3(settings, () => withCatalogs(settings, () => recover(work)))
  if (json) await printJson({ runs: runs.map(asJson), exit_code: exitCode })
  else await print(told(runs, target ?? state.address))
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
