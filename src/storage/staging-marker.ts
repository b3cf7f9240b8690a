import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createDurably } from './durable.ts'
import { resolveLocation } from './location.ts'
import { versionsPath } from './sibling.ts'
import type { TargetPlan } from './target.ts'

/** Lies with the staged data and leads from there to the run's journal. */
export function writeMarker(path: string, plan: TargetPlan): void {
  createDurably(path, `${JSON.stringify(plan, undefined, 2)}\n`)
}

/** False when the staging place belongs to a run of the same id in another state directory, or of another user: hands off. */
export function ownsMarker(path: string, plan: TargetPlan): boolean {
  const marked = readMarker(path)
  return marked === undefined || (marked !== 'closed' && marked.state === plan.state)
}

/** Undefined when there is no marker or a kill left it torn; `closed` when it is another user's. */
function readMarker(path: string): TargetPlan | 'closed' | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof SyntaxError || code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES' || code === 'EPERM') return 'closed'
    throw error
  }
}

/**
 * The plans of all runs that are staged beside a target, whatever their state directory and whether alive or not. Those
 * of other users, which they alone can settle, are not among them.
 */
export function findStaged(location: string): TargetPlan[] {
  const path = resolveLocation(location)
  const beside = list(dirname(path))
    .filter((name) => name.includes('.sluice-'))
    .map((name) => join(dirname(path), name, FILE_MARKER))
  const versions = versionsPath(path)
  const within = list(versions)
    .filter((name) => name.endsWith(VERSION_MARKER))
    .map((name) => join(versions, name))
  const plans = [...beside, ...within].map(readMarker)
  return plans.filter((plan) => typeof plan === 'object').filter((plan) => plan.path === path)
}

export const FILE_MARKER = 'run.json'
export const VERSION_MARKER = '~run.json'

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
