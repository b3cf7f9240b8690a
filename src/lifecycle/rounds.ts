import { SluiceError } from '../errors.ts'
import type { Source } from '../sources/source.ts'
import { type GatherStep, INPUT } from '../transforms/gather.ts'
import type { AnyStep } from '../transforms/row-stream.ts'
import type { Step } from '../transforms/step.ts'
import { isSource } from './job.ts'

/** Steps that rows pass split by split, and the step that then gathers them. */
export interface GatherRound {
  /** By which rows and reports name the gathering step: unique in the job. */
  readonly name: string
  readonly steps: readonly Step[]
  readonly into: GatherStep
  /** What it reads beside the rows of the job, by the names of the tables. */
  readonly inputs: Readonly<Record<string, Source>>
}

/** A job as rounds: each gathering step ends one, the sink the last. */
export interface Rounds {
  readonly gathering: readonly GatherRound[]
  readonly last: readonly Step[]
}

/** Throws `job-invalid`. */
export function roundsOf(steps: readonly AnyStep[]): Rounds {
  const gathering: GatherRound[] = []
  let last: Step[] = []
  for (const step of steps) {
    if (step.effect !== 'gather') {
      last.push(step)
      continue
    }
    const before = gathering.filter(({ into }) => into.name === step.name).length
    const name = before === 0 ? step.name : `${step.name}-${before + 1}`
    gathering.push({ name, steps: last, into: step, inputs: inputsOf(step) })
    last = []
  }
  return { gathering, last }
}

function inputsOf({ name, inputs }: GatherStep): Readonly<Record<string, Source>> {
  const known = new Set<string>([INPUT])
  for (const [table, source] of Object.entries(inputs)) {
    // They are names in queries, where case does not count, and of directories.
    const problem = /^[A-Za-z_]\w{0,62}$/.test(table)
      ? known.has(table.toLowerCase())
        ? 'another table has this name'
        : sourceProblem(source)
      : 'a name is of letters, digits and "_", 63 at most, and begins with no digit'
    if (problem !== undefined) throw new SluiceError('job-invalid', `${name}: the input "${table}": ${problem}.`)
    known.add(table.toLowerCase())
  }
  return inputs as Readonly<Record<string, Source>>
}

function sourceProblem(source: unknown): string | undefined {
  if (!isSource(source)) return 'it is no source such as readCsv(…)'
  // A target keeps one bookmark for a job.
  return source.resumes === undefined ? undefined : 'only the source of the job can resume where the last run ended'
}
