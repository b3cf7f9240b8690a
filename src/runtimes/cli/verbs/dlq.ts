import { SluiceError } from '../../../errors.ts'
import { findLetters, SEARCHED, type View } from '../../../lifecycle/letters/find-letters.ts'
import type { FoundLetter } from '../../../lifecycle/letters/read-letters.ts'
import { viewState } from '../../../lifecycle/state-directory.ts'
import { withS3 } from '../../../storage/s3/s3-settings.ts'
import { commandSettings, type SettingFlags } from '../command-settings.ts'
import { wholeNumber } from '../flags.ts'
import { letterDetails, letterTable } from '../letter-view.ts'
import { print } from '../print.ts'

interface DlqFlags extends SettingFlags {
  readonly rows: string
  readonly json?: boolean
}

/** `sluice dlq list <where>` */
export async function listLetters(where: string, flags: DlqFlags): Promise<number> {
  const letters = await looking(flags, (state) => found(state, where, flags))
  if (flags.json) await print(jsonLines(letters))
  else if (letters.length > 0) await print(`${letterTable(letters).join('\n')}\n`)
  return 0
}

/** `sluice dlq show <where> [letter]` */
export async function showLetters(where: string, id: string | undefined, flags: DlqFlags): Promise<number> {
  const letters = await looking(flags, async (state) =>
    id === undefined ? await found(state, where, flags) : [await oneLetter(state, where, id)],
  )
  const { stdout } = process
  await print(flags.json ? jsonLines(letters) : letters.map((letter) => letterDetails(letter, stdout)).join('\n'))
  return 0
}

async function looking<R>({ rows, ...flags }: DlqFlags, look: (state: View) => Promise<R>): Promise<R> {
  const settings = await commandSettings(flags)
  return await withS3(settings, () => look(() => viewState(settings)))
}

/** What people should know besides goes to stderr. */
async function found(state: View, where: string, { rows }: DlqFlags): Promise<readonly FoundLetter[]> {
  const most = wholeNumber('--rows', rows, 1)
  const { letters, notes } = await findLetters(state, where, { most })
  const shown: FoundLetter[] = []
  for await (const letter of letters) {
    if (shown.length === most) {
      tell(`there are more than ${most}: -n shows more`)
      break
    }
    shown.push(letter)
  }
  for (const note of notes) tell(note)
  if (shown.length === 0) tell(`no letters in ${where}`)
  return shown
}

async function oneLetter(state: View, where: string, id: string): Promise<FoundLetter> {
  const { letters } = await findLetters(state, where, { most: SEARCHED })
  for await (const letter of letters) {
    if (letter.id === id) return letter
  }
  throw new SluiceError('usage', `There is no letter ${id} in ${where}; \`sluice dlq list\` shows those that are.`)
}

function jsonLines(letters: readonly FoundLetter[]): string {
  return letters.map((letter) => `${JSON.stringify(letter)}\n`).join('')
}

function tell(note: string): void {
  process.stderr.write(`${note}\n`)
}
