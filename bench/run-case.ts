import { spawnSync } from 'node:child_process'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { type Check, checkAnswers } from './answers/check.ts'
import { outputAsCsv } from './answers/output-as-csv.ts'
import { digestFile } from './answers/record-digest.ts'
import type { Case } from './cases.ts'
import type { Contender, RunPaths } from './contenders.ts'
import { type DataSet, makeData } from './make-data.ts'
import { type Measured, runProcess } from './measure/run-process.ts'
import { type Spread, spread } from './measure/stats.ts'
import { DATA, ROOT } from './places.ts'

export interface CaseResult {
  readonly name: string
  readonly data: DataSet
  readonly runs: number
  readonly measures: ReadonlyMap<string, Measures>
  /** Sentences; none when every program gave the right answer in every run. */
  readonly problems: readonly string[]
}

/** All runs of one program. Memory in bytes. */
export interface Measures {
  readonly seconds: Spread
  readonly peakRss: Spread
  readonly peakAnonymous: Spread
}

/** Runs the programs of a case in turns (A B C A B C), so that a slow minute of the machine hits all of them. */
export async function runCase(
  { name, shape, rows, contenders, exitCode, format }: Case,
  runs: number,
  log: (line: string) => void,
): Promise<CaseResult> {
  const made = makeData(shape, rows)
  const data = format !== undefined ? { ...made, expectedDigest: (await digestFile(made.path)).digest } : made
  await warm(data.path)
  const measured = new Map<string, Measured[]>(contenders.map((contender) => [contender.name, []]))
  const checks: Check[] = []
  const problems: string[] = []
  for (let round = 0; round < runs; round++) {
    for (const contender of contenders) {
      const paths = freshPaths(data.path, name, contender, OUTPUTS[format ?? 'csv'])
      // Whoever ran before leaves dirty pages; without this the next one's fsync would pay for them.
      spawnSync('sync')
      const run = await runProcess(contender.command ?? process.execPath, contender.args(paths), ROOT)
      log(`${name}: ${contender.name} ${run.seconds.toFixed(3)} s, ${(run.peakRss / 1e6).toFixed(0)} MB`)
      measured.get(contender.name)!.push(run)
      if (run.exitCode === exitCode) {
        const answer = contender.answer(run.stdout, paths)
        const output = await outputAsCsv(paths.output, format)
        checks.push({ contender: contender.name, paths: { ...paths, output }, answer })
      } else {
        const said = (run.stderr + run.stdout).slice(-1000)
        problems.push(`${contender.name} ended with ${run.exitCode} instead of ${exitCode}: ${said}`)
      }
    }
    problems.push(...(await checkAnswers(checks.splice(0), data, exitCode === 0)))
  }
  rmSync(scratch(name), { recursive: true, force: true })
  const measures = new Map([...measured].map(([contender, all]) => [contender, summarise(all)]))
  return { name, data, runs, measures, problems: [...new Set(problems)] }
}

const OUTPUTS = { csv: 'out.csv', parquet: 'out.parquet', table: 'warehouse' } as const

/** Reads the input once, so that no program pays for the disk. */
async function warm(path: string): Promise<void> {
  for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 }));
}

export function summarise(runs: readonly Measured[]): Measures {
  return {
    seconds: spread(runs.map((run) => run.seconds)),
    peakRss: spread(runs.map((run) => run.peakRss)),
    peakAnonymous: spread(runs.map((run) => run.peakAnonymous)),
  }
}

function freshPaths(input: string, name: string, contender: Contender, output: string): RunPaths {
  const folder = `${scratch(name)}/${contender.name.replaceAll(' ', '-')}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return { input, output: `${folder}/${output}`, deadLetters: `${folder}/rejected.jsonl`, state: `${folder}/state` }
}

function scratch(name: string): string {
  return `${DATA}/scratch-${process.pid}/${name.replaceAll(/\W+/g, '-')}`
}
