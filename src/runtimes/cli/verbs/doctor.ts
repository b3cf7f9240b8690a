import { examine } from '../../../lifecycle/doctor/examine.ts'
import type { Finding, Health } from '../../../lifecycle/doctor/finding.ts'
import { commandSettings, type SettingFlags } from '../command-settings.ts'
import { parseParams } from '../flags.ts'
import { inOneLine } from '../format.ts'
import { loadJob } from '../load-job.ts'
import { type Colour, paint } from '../paint.ts'
import { print, printJson } from '../print.ts'
import { table } from '../table.ts'

interface DoctorFlags extends SettingFlags {
  readonly param: readonly string[]
  readonly json?: boolean
}

/** `sluice doctor [job.ts]` */
export async function doctor(
  path: string | undefined,
  { param, json = false, ...flags }: DoctorFlags,
  jobArguments: Readonly<Record<string, string>>,
): Promise<number> {
  const settings = await commandSettings(flags)
  const job = path === undefined ? undefined : (await loadJob(path)).job
  const findings = await examine({ settings, job, params: { ...jobArguments, ...parseParams(param) } })
  const exitCode = findings.some(({ status }) => status === 'failed') ? 4 : 0
  if (json) await printJson({ environment: settings.environment.value, findings, exit_code: exitCode })
  else await print(`${lines(findings).join('\n')}\n`)
  return exitCode
}

const COLOURS: Readonly<Record<Health, Colour>> = { ok: 'green', warning: 'yellow', failed: 'red' }

function lines(findings: readonly Finding[]): readonly string[] {
  const rows = findings.map(({ status, subject, used, detail, fix }) => {
    const found = fix === undefined ? detail : `${detail.replace(/\.$/, '')}. ${fix}`
    return [status, subject, used, found].map(inOneLine)
  })
  return table(rows).map((line, row) => {
    const { status } = findings[row] as Finding
    return paint(COLOURS[status], status, process.stdout) + line.slice(status.length)
  })
}
