import { existsSync } from 'node:fs'
import type { Answer, RunPaths } from '../contenders.ts'
import type { DataSet } from '../make-data.ts'
import { firstDifference } from './compare.ts'
import { deadLetterRows } from './dead-letter-rows.ts'
import { digestFile } from './record-digest.ts'

/** What one run left behind. */
export interface Check {
  readonly contender: string
  readonly paths: RunPaths
  readonly answer: Answer
}

/**
 * Holds the runs of one round against what the generator says must come out and, record for record, against each
 * other. Returns sentences about what differs.
 */
export async function checkAnswers(checks: readonly Check[], data: DataSet, loads: boolean): Promise<string[]> {
  const problems: string[] = []
  for (const check of checks) {
    problems.push(...countProblems(check, data))
    if (loads) problems.push(...(await outputProblems(check, checks, data)))
    else if (existsSync(check.paths.output))
      problems.push(`${check.contender} wrote an output though rows were rejected`)
  }
  return [...problems, ...(await deadLetterProblems(checks, data))]
}

function countProblems({ contender, answer }: Check, data: DataSet): string[] {
  return [
    ...(answer.rows === data.rows ? [] : [`${contender} read ${answer.rows} rows instead of ${data.rows}`]),
    ...(answer.rejected === data.rejected
      ? []
      : [`${contender} rejected ${answer.rejected} rows instead of ${data.rejected}`]),
  ]
}

async function outputProblems(check: Check, checks: readonly Check[], data: DataSet): Promise<string[]> {
  const { records, digest } = await digestFile(check.paths.output)
  if (digest === data.expectedDigest) return []
  const problems = [`${check.contender} wrote other records (${records} with the header) than the generator expects`]
  for (const other of checks) {
    if (other === check) continue
    const difference = await firstDifference(check.paths.output, other.paths.output)
    if (difference !== null) problems.push(`${check.contender} against ${other.contender}: ${difference}`)
  }
  return problems
}

/** There is a dead letter for each rejected row, and all programs that write dead letters reject the same rows. */
async function deadLetterProblems(checks: readonly Check[], data: DataSet): Promise<string[]> {
  const problems: string[] = []
  let first: { readonly contender: string; readonly rows: string } | undefined
  for (const { contender, answer } of checks) {
    if (answer.deadLetters === undefined) continue
    const numbers = await deadLetterRows(answer.deadLetters)
    if (numbers.length !== data.rejected) problems.push(`${contender} wrote ${numbers.length} dead letters`)
    const rows = numbers.join()
    first ??= { contender, rows }
    if (rows !== first.rows) problems.push(`${contender} rejected other rows than ${first.contender}`)
  }
  return problems
}
