import { SluiceError } from '../../../errors.ts'
import { findLetters } from '../../../lifecycle/letters/find-letters.ts'
import type { FoundLetter } from '../../../lifecycle/letters/read-letters.ts'
import { locateState } from '../../../lifecycle/state-directory.ts'
import { wholeNumber } from '../flags.ts'
import { letterDetails, letterTable } from '../letter-view.ts'

interface DlqFlags {
  readonly state?: string
  readonly rows: string
  readonly json?: boolean
}

/** `sluice dlq list <where>` */
export async function listLetters(where: string, flags: DlqFlags): Promise<number> {
  const letters = await found(where, flags)
  if (flags.json) process.stdout.write(jsonLines(letters))
  else if (letters.length > 0) process.stdout.write(`${letterTable(letters).join('\n')}\n`)
  return 0
}

/** `sluice dlq show <where> [letter]` */
export async function showLetters(where: string, id: string | undefined, flags: DlqFlags): Promise<number> {
  const letters = id === undefined ? await found(where, flags) : [await oneLetter(where, id, flags)]
  const { stdout } = process
  stdout.write(flags.json ? jsonLines(letters) : letters.map((letter) => letterDetails(letter, stdout)).join('\n'))
  return 0
}

/** What people should know besides goes to stderr. */
async function found(where: string, { state, rows }: DlqFlags): Promise<readonly FoundLetter[]> {
  const most = wholeNumber('--rows', rows, 1)
  const { letters, notes } = await findLetters(locateState(state), where, { most })
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

async function oneLetter(where: string, id: string, { state }: DlqFlags): Promise<FoundLetter> {
  const { letters } = await findLetters(locateState(state), where, { most: SEARCHED })
  for await (const letter of letters) {
    if (letter.id === id) return letter
  }
  throw new SluiceError('usage', `There is no letter ${id} in ${where}; \`sluice dlq list\` shows those that are.`)
}

/** Of a queue, which cannot be searched. */
const SEARCHED = 1000

function jsonLines(letters: readonly FoundLetter[]): string {
  return letters.map((letter) => `${JSON.stringify(letter)}\n`).join('')
}

function tell(note: string): void {
  process.stderr.write(`${note}\n`)
}
