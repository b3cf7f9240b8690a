import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { installPython } from '../scripts/interop/python.ts'
import { allCases, type Case } from './cases.ts'
import { makeData } from './make-data.ts'
import { runProcess } from './measure/run-process.ts'
import { type BenchOptions, benchOptions } from './options.ts'
import { CLI, DATA, ROOT } from './places.ts'
import { report } from './report.ts'
import type { Results, ScannerResult } from './results.ts'
import { type CaseResult, runCase } from './run-case.ts'
import { runLakeCase } from './run-lake-case.ts'

const options = benchOptions()
const results = await measure(options)
const page = report(results)
if (options.write) {
  mkdirSync(`${ROOT}/docs`, { recursive: true })
  writeFileSync(`${ROOT}/docs/benchmarks.md`, page)
}
if (!options.quick) process.stdout.write(page)
const problems = results.cases.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`))
for (const problem of problems) log(`WRONG ANSWER ${problem}`)
const answers = results.cases.reduce((sum, { runs, measures }) => sum + runs * measures.size, 0)
if (problems.length === 0) log(`all answers of ${answers} runs are right`)
if (options.rows !== 1_000_000) log('the bars are set for 1,000,000 rows: these sizes prove answers, not speed')
process.exitCode = problems.length > 0 ? 1 : 0

async function measure({ rows, runs, only, quick }: BenchOptions): Promise<Results> {
  const cases: CaseResult[] = []
  for (const selected of withPython(selectCases(allCases(rows, quick), only))) {
    cases.push(await (selected.lake ? runLakeCase : runCase)(selected, runs, log))
  }
  rmSync(`${DATA}/scratch-${process.pid}`, { recursive: true, force: true })
  const scans = only === undefined || only.includes('scanner')
  return { cases, scanner: scans ? await measureScanner(rows, runs) : [] }
}

/** The cases asked for, with the programs that can run. */
function selectCases(cases: readonly Case[], only: readonly string[] | undefined): Case[] {
  const peersOnly = only?.includes('peers') ?? false
  const names = only?.filter((name) => name !== 'peers' && name !== 'scanner') ?? []
  for (const name of names) {
    if (!cases.some((one) => one.name === name)) {
      throw new Error(`no case named ${name}: use peers, scanner, ${cases.map((one) => one.name).join(', ')}`)
    }
  }
  const built = existsSync(CLI)
  if (!built && !peersOnly) log('sluice is not built (no build/runtimes/cli/main.js): only the peers run')
  return cases
    .filter(({ name }) => names.includes(name) || (names.length === 0 && (only === undefined || peersOnly)))
    .map((one) => ({ ...one, contenders: one.contenders.filter(({ ours }) => !ours || (built && !peersOnly)) }))
    .filter(({ contenders }) => contenders.length > 0)
}

/** Tables are read back by PyIceberg, which the interop lane installs; without Python they are not measured. */
function withPython(cases: readonly Case[]): readonly Case[] {
  if (!cases.some(({ format }) => format === 'table')) return cases
  const problem = installPython()
  if (problem === undefined) return cases
  log(`no case with tables: ${problem}`)
  return cases.filter(({ format }) => format !== 'table')
}

async function measureScanner(rows: number, runs: number): Promise<ScannerResult[]> {
  makeData('reference', rows)
  const run = await runProcess(process.execPath, [`${ROOT}/bench/scanner.bench.ts`, String(rows), String(runs)], ROOT)
  if (run.exitCode !== 0) throw new Error(`the scanner bench failed: ${run.stderr}`)
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function log(line: string): void {
  process.stderr.write(`${line}\n`)
}
