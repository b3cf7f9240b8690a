import type { LetterPointer } from '../../lifecycle/letters/letter-message.ts'
import type { FoundLetter } from '../../lifecycle/letters/read-letters.ts'
import type { DeadLetter, LetterError } from '../../validation/dead-letter.ts'
import { clipped, counted, inOneLine, visible } from './format.ts'
import { markCells } from './mark-cells.ts'
import { paint } from './paint.ts'
import { table } from './table.ts'

/** A line for each letter. */
export function letterTable(letters: readonly FoundLetter[]): readonly string[] {
  const rows = letters.map((letter) => [visible(nameOf(letter)), ...columnsOf(letter)])
  return table([['LETTER', 'CODE', 'COLUMN', 'STAGE', 'REJECTED'], ...rows])
}

function nameOf(letter: FoundLetter): string {
  return letter.id ?? `${(letter as LetterPointer).run_id}: ${counted((letter as LetterPointer).letters, 'letter')}`
}

function columnsOf(letter: FoundLetter): readonly string[] {
  if (letter.kind === 'unreadable') return ['no letter', '', '', '']
  if (letter.kind === 'pointer') return [letter.reason, '', `in ${visible(letter.location)}`, '']
  const { errors, stage, rejected_at } = letter
  const codes = new Set(errors.map(({ code }) => code))
  const columns = new Set(errors.flatMap(({ column }) => column ?? []))
  return [[...codes].join(', '), [...columns].join(', '), stage ?? '', rejected_at].map(inOneLine)
}

/** All that a person wants to know of one letter. */
export function letterDetails(letter: FoundLetter, stream: NodeJS.WriteStream): string {
  const facts = factsOf(letter)
  const lines = facts.map(([name, text]) => `  ${paint('dim', name.padEnd(LABEL), stream)}${text}`.trimEnd())
  return `${paint('bold', visible(nameOf(letter)), stream)}\n${lines.join('\n')}\n`
}

const LABEL = 10

type Fact = readonly [name: string, text: string]

function factsOf(letter: FoundLetter): readonly Fact[] {
  if (letter.kind === 'unreadable') return [['text', clipped(visible(letter.raw), 500)]]
  const run: Fact = ['run', visible(`${letter.run_id} of the job ${letter.job}`)]
  if (letter.kind === 'pointer') return [run, ['elsewhere', pointerText(letter)]]
  return [
    run,
    ...(letter.kind === 'run' ? [] : originOf(letter)),
    ['rejected', visible(`${letter.rejected_at}, stage ${letter.stage ?? 'unknown'}`)],
    ...letter.errors.map((error): Fact => ['error', errorText(error)]),
  ]
}

function pointerText({ letters, reason, location }: LetterPointer): string {
  const why = reason === 'too-long' ? 'too long for the queue' : 'more than the queue was to have'
  return visible(`${counted(letters, 'letter')}, ${why}: sluice dlq list ${location}`)
}

function originOf(letter: DeadLetter): readonly Fact[] {
  const { source, row, line, byte_offset, raw } = letter
  const [record = '', marks] = markCells(letter)
  return [
    ['origin', visible(`${source}, row ${row}, line ${line}, byte ${byte_offset}`)],
    [raw === undefined ? 'no UTF-8' : 'record', record],
    ...(marks === undefined ? [] : [['', marks] as const]),
  ]
}

function errorText({ code, rule, column, value, message }: LetterError): string {
  const cell = column === undefined ? '' : ` ${column}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}`
  return inOneLine(`${code}${cell}: ${message}${rule === undefined ? '' : ` (${rule})`}`)
}
