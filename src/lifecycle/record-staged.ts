import { crashPoint } from '../storage/crash-point.ts'
import { writing } from '../storage/write-error.ts'
import type { OpenRun } from './open-run.ts'

/** Journals the ticket of a split that is staged and sealed. A split that is staged again replaces its ticket. */
export async function recordStaged(run: OpenRun, split: number, ticket: unknown): Promise<void> {
  await writing(run.journal.path, () => run.append({ type: 'staged', split, ticket }))
  crashPoint('split-staged')
}
