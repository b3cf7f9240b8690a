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
  return execute(loadJobOf(from, to, flags), settings)
}
