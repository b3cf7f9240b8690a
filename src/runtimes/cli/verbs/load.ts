import { createHash } from 'node:crypto'
import { execute } from '../execute.ts'
import { type RunFlags, runSettings } from '../flags.ts'
import { type LoadFlags, loadJobOf } from '../load-flags.ts'

/** `sluice load <from> <to>`: a job made of flags. */
export async function load(
  from: string,
  to: string,
  flags: LoadFlags & RunFlags,
  params: Readonly<Record<string, string>>,
): Promise<number> {
  const settings = runSettings(flags, params)
  return execute(loadJobOf(from, to, flags), { ...settings, code: codeOf(from, to, flags) })
}

/** The flags are the source text of the job: all of them but those that any run has. */
function codeOf(from: string, to: string, flags: LoadFlags & RunFlags): string {
  const { env: _, param, threads, runId, state, json, verbose, dryRun, ...own } = flags
  return createHash('sha256')
    .update(JSON.stringify([from, to, Object.entries(own).sort()]))
    .digest('hex')
}
