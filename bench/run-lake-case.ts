import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { checkAnswers } from './answers/check.ts'
import type { Case } from './cases.ts'
import type { Contender, RunPaths } from './contenders.ts'
import { type Lake, lakeOutput, openLake, sha256Of } from './lake.ts'
import { type DataSet, makeData } from './make-data.ts'
import { type Measured, runProcess } from './measure/run-process.ts'
import { DATA, ROOT } from './places.ts'
import { type CaseResult, summarise } from './run-case.ts'

/** As `runCase`, with the input and the outputs on S3, whose process is not measured. */
export async function runLakeCase(
  { name, shape, rows, contenders }: Case,
  runs: number,
  log: (line: string) => void,
): Promise<CaseResult> {
  const data = makeData(shape, rows)
  await using lake = await openLake(data.path)
  const measured = new Map<string, Measured[]>(contenders.map((contender) => [contender.name, []]))
  const problems: string[] = []
  for (let round = 0; round < runs; round++) {
    for (const contender of contenders) {
      const paths = freshPaths(lake, contender)
      await lake.server.command({ clearFaults: true, addFaults: contender.faults?.(data.bytes) ?? [] })
      const run = await runProcess(process.execPath, contender.args(paths), ROOT, lake.environment)
      await lake.server.command({ clearFaults: true })
      log(`${name}: ${contender.name} ${run.seconds.toFixed(3)} s, ${(run.peakRss / 1e6).toFixed(0)} MB`)
      measured.get(contender.name)?.push(run)
      if (run.exitCode !== 0) problems.push(`${contender.name} ended with ${run.exitCode}: ${run.stderr.slice(-1000)}`)
      else problems.push(...(await problemsOf(run, { contender, paths, lake, data })))
    }
  }
  rmSync(scratch(), { recursive: true, force: true })
  const measures = new Map([...measured].map(([contender, all]) => [contender, summarise(all)]))
  return { name, data, runs, measures, problems: [...new Set(problems)] }
}

interface Look {
  readonly contender: Contender
  readonly paths: RunPaths
  readonly lake: Lake
  readonly data: DataSet
}

async function problemsOf({ stdout }: Measured, { contender, paths, lake, data }: Look): Promise<readonly string[]> {
  const written = await lake.read(paths.output)
  if (contender.copies) {
    const same = (await sha256Of(written)) === (await sha256Of(createReadStream(data.path)))
    return same ? [] : [`${contender.name} wrote other bytes than it read`]
  }
  const output = `${scratch()}/out.csv`
  await pipeline(Readable.from(written), createWriteStream(output))
  const answer = contender.answer(stdout, paths)
  return await checkAnswers([{ contender: contender.name, paths: { ...paths, output }, answer }], data, true)
}

function freshPaths(lake: Lake, contender: Contender): RunPaths {
  const state = `${scratch()}/state`
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state, { recursive: true })
  const output = lakeOutput(`${contender.name.replaceAll(/\W+/g, '-')}.csv`)
  return { input: lake.input, output, deadLetters: `${state}/rejected.jsonl`, state }
}

function scratch(): string {
  return `${DATA}/scratch-${process.pid}/lake`
}
