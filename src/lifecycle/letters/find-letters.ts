import { existsSync } from 'node:fs'
import { SluiceError } from '../../errors.ts'
import { readJournal } from '../journal.ts'
import { findRun } from '../known-runs.ts'
import { progressOf } from '../run-progress.ts'
import type { StateDirectory } from '../state-directory.ts'
import { isRemote } from './letter-place.ts'
import { type FoundLetter, type FoundLetters, type ReadOptions, readLetters } from './read-letters.ts'

/** What is known of runs, brought here only if somebody asks for it. */
export type View = () => Promise<StateDirectory>

/**
 * The letters that a word of the command line means: an address, a path, or else the id of a run, whose letters may
 * stand among those of other runs, or wait for their delivery.
 *
 * @throws SluiceError `usage` when it is none of these.
 */
export async function findLetters(view: View, where: string, options: ReadOptions): Promise<FoundLetters> {
  if (isRemote(where) || existsSync(where)) return await readLetters(where, options)
  const { place, notes } = await placeOfRun(await view(), where)
  if (place === undefined) return { letters: none(), notes }
  const found = await readLetters(place, { most: Math.max(options.most, SEARCHED) })
  return { letters: ofRun(found.letters, where), notes: [...notes, ...found.notes] }
}

/** The messages of a queue that are looked through for some of them: it cannot be searched, and may hold those of other runs. */
export const SEARCHED = 1000

async function placeOfRun(state: StateDirectory, runId: string): Promise<{ place?: string; notes: readonly string[] }> {
  const run = /^[\w.-]+$/.test(runId) ? await findRun(state, runId) : undefined
  if (run === undefined) {
    const text = `${runId} is no file, no address and no run in ${state.address}; \`sluice runs\` lists those that are.`
    throw new SluiceError('usage', text)
  }
  const waiting = existsSync(state.journal(runId)) ? waitingLetters(state, runId) : undefined
  if (waiting !== undefined) return { place: waiting, notes: ['not delivered yet: run `sluice recover`'] }
  const { path } = (run.report?.['dead_letters'] ?? {}) as { readonly path?: string | null }
  return typeof path === 'string' ? { place: path, notes: [] } : { notes: [`run ${runId} left no dead letters`] }
}

/** The sealed letters of a run that is not settled. */
function waitingLetters(state: StateDirectory, runId: string): string | undefined {
  const scratch = state.remote === undefined ? undefined : state.scratch(runId)
  const { decided, lettersDelivered } = progressOf(readJournal(state.journal(runId)), scratch)
  const path = decided?.letters?.path
  return path === undefined || lettersDelivered || !existsSync(path) ? undefined : path
}

async function* ofRun(letters: AsyncIterable<FoundLetter>, runId: string): AsyncGenerator<FoundLetter, void, void> {
  for await (const letter of letters) {
    if ('run_id' in letter && letter.run_id === runId) yield letter
  }
}

async function* none(): AsyncGenerator<FoundLetter, void, void> {}
