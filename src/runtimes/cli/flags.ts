import { SluiceError } from '../../errors.ts'
import { checkRunId, newRunId } from '../../lifecycle/run-id.ts'
import type { SettingFlags } from './command-settings.ts'

/** The flags of commands that run a job. */
export interface RunFlags extends SettingFlags {
  readonly param: readonly string[]
  readonly threads?: string
  readonly runId?: string
  readonly json?: boolean
  readonly verbose?: boolean
  readonly dryRun?: boolean
}

/** A command's flags, checked, and what they mean for the run. */
export interface RunSettings extends SettingFlags {
  readonly params: Readonly<Record<string, string>>
  readonly runId: string
  readonly json: boolean
  readonly verbose: boolean
  readonly dryRun: boolean
}

/** Throws `usage`. Params come from `--param` and, before those, from arguments in capitals. */
export function runSettings(flags: RunFlags, jobArguments: Readonly<Record<string, string>>): RunSettings {
  checkThreads(flags.threads)
  if (flags.runId !== undefined) checkRunId(flags.runId)
  if (flags.dlq === '-') {
    throw new SluiceError('usage', '--dlq needs a file: dead letters cannot go to stdout or any other pipe.')
  }
  const { config, env, state, dlq, runId = newRunId(), json = false, verbose = false, dryRun = false } = flags
  const params = { ...jobArguments, ...parseParams(flags.param) }
  return { config, env, state, dlq, params, runId, json, verbose, dryRun }
}

/** Never repeats the value in a message: it may be a secret. */
export function parseParams(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
      throw new SluiceError('usage', '--param needs a name and a value: --param name=value.')
    }),
  )
}

export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  throw new SluiceError('usage', `${flag} must be a whole number, ${least} or more, not "${text}".`)
}

function checkThreads(threads: string | undefined): void {
  if (threads === undefined || threads === '1' || threads === 'auto') return
  throw new SluiceError('usage', `--threads accepts only 1 (or auto) in this version, not "${threads}". Leave it out.`)
}
