import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Untyped } from '../records/shape.ts'
import type { WriteCsvOptions } from '../sinks/csv.ts'
import type { CsvOptions } from '../sources/csv-dialect.ts'
import { PIECE_BYTES } from '../storage/piece-reader.ts'
import type { DeadLetter } from '../validation/dead-letter.ts'
import type { Rules } from '../validation/rules.ts'
import type { RunReport } from './report.ts'
import { type DriverJob, drive } from './testing/job-driver.ts'

/** A small job over files of its own, run by the real engine. */
export interface JobCase {
  /** The files of the source, in the order of their names. */
  readonly files: readonly (string | Buffer)[]
  readonly rules: Rules<Untyped>
  readonly onInvalid?: 'fail' | 'quarantine'
  readonly memoryBudget?: number
  readonly pieceBytes?: number
  readonly read?: CsvOptions
  readonly write?: WriteCsvOptions
  readonly transform?: DriverJob['transform']
  /** Run in a process of its own, with little memory. */
  readonly alone?: boolean
}

export interface JobOutcome {
  /** Undefined when the run was refused. */
  readonly output: string | undefined
  readonly letters: readonly DeadLetter[]
  readonly letterText: string
  readonly report: RunReport
}

const root = mkdtempSync(join(tmpdir(), 'sluice-jobs-'))
after(() => rmSync(root, { recursive: true, force: true }))
let cases = 0

/** Runs a case in a directory of its own, which is gone afterwards. */
export async function runCase(one: JobCase): Promise<JobOutcome> {
  const home = join(root, `case-${cases++}`)
  const input = join(root, 'input')
  mkdirSync(home)
  rmSync(input, { recursive: true, force: true })
  mkdirSync(input)
  one.files.forEach((text, index) => {
    writeFileSync(join(input, `part-${String(index).padStart(3, '0')}.csv`), text)
  })
  try {
    return await runIn(home, input, one)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function runIn(home: string, input: string, one: JobCase): Promise<JobOutcome> {
  const { files, rules, onInvalid = 'quarantine', memoryBudget = 1 << 20, pieceBytes = PIECE_BYTES, read = {} } = one
  const output = join(home, 'output.csv')
  const deadLetters = join(home, 'letters.jsonl')
  const path = files.length === 1 ? join(input, 'part-000.csv') : input
  const state = join(home, 'state')
  const job = {
    input: path,
    output,
    deadLetters,
    state,
    rules,
    onInvalid,
    memoryBudget,
    pieceBytes,
    read,
    write: one.write ?? {},
  }
  const { transform } = one
  const report = one.alone ? driveAlone(job) : await drive(transform === undefined ? job : { ...job, transform })
  const letterText = existsSync(deadLetters) ? readFileSync(deadLetters, 'utf8') : ''
  const letters = letterText
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as DeadLetter]))
    // Those of rows that only the judge could reject stand behind the others.
    .sort((a, b) => a.source.localeCompare(b.source) || a.row - b.row)
  return { output: existsSync(output) ? readFileSync(output, 'utf8') : undefined, letters, letterText, report }
}

function driveAlone(job: DriverJob): RunReport {
  const driver = fileURLToPath(new URL('./testing/job-driver.ts', import.meta.url))
  // A heap that would not hold the rows, so that none may pile up.
  const limits = ['--max-old-space-size=64', '--max-semi-space-size=4']
  const args = [...limits, '--import', 'tsx', driver, JSON.stringify(job)]
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' })
  return JSON.parse(output) as RunReport
}

export function csvText(columns: readonly string[], rows: readonly (readonly string[])[], end = '\n'): Buffer {
  return Buffer.from([columns, ...rows].map((cells) => cells.join(',') + end).join(''))
}
