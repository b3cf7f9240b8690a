import { existsSync } from 'node:fs'
import { SeededRandom } from '../../../fixtures/seeded-random.ts'
import { readJournal } from '../journal.ts'
import type { JournalRecord } from '../journal-record.ts'
import { stateDirectory } from '../state-directory.ts'
import { pause } from './children.ts'

/** By which the random instants of this process can be had again: `SLUICE_SEED=…`. */
export const SEED: number = Number(process.env['SLUICE_SEED'] ?? Date.now() % 2 ** 31)

/** A random instant: so long after the journal has got its first record of a type. */
export interface Instant {
  readonly after: JournalRecord['type']
  readonly milliseconds: number
}

/** What a run had come to when it was killed; `planned` if it had only begun. */
export const PHASES = ['planned', 'staged', 'decided', 'committed', 'delivered', 'settled'] as const
export type Phase = (typeof PHASES)[number]

/** The instants of one test; the same for the same seed, however many are drawn at a time. */
export function randomInstant(index: number, ranges: readonly (readonly [Instant['after'], number])[]): Instant {
  const random = new SeededRandom(SEED + index)
  const [after, within] = ranges[index % ranges.length]!
  return { after, milliseconds: random.below(within * 100) / 100 }
}

/** Resolves at the instant; sooner when the process is gone. */
export async function instantOf(
  { state, runId }: { readonly state: string; readonly runId: string },
  { after, milliseconds }: Instant,
  gone: () => boolean,
): Promise<void> {
  const place = stateDirectory(state)
  const reached = () => recordsOf(place.journal(runId)).some(({ type }) => type === after)
  while (!gone() && !reached()) await pause(0)
  const end = performance.now() + milliseconds
  while (!gone() && performance.now() < end) await pause(0)
}

/** Looks at what a killed run has left. */
export function phaseOf({ state, runId }: { readonly state: string; readonly runId: string }): Phase | undefined {
  const place = stateDirectory(state)
  if (!existsSync(place.run(runId))) return existsSync(place.settled) ? 'settled' : undefined
  const last = recordsOf(place.journal(runId)).at(-1)?.type
  switch (last) {
    case undefined:
      return undefined
    case 'begun':
      return 'planned'
    case 'planned':
    case 'staged':
    case 'decided':
    case 'committed':
      return last
    default:
      return 'delivered'
  }
}

/** Another process may be moving it away at this very moment. */
function recordsOf(journal: string): readonly JournalRecord[] {
  try {
    return readJournal(journal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
