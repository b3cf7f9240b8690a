import { writeFile } from 'node:fs/promises'
import type { RunContext } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import type { SealedLetters } from './journal-record.ts'

/** The one dead letter of a run that failed for another reason than its rows. Null when not even that can be written. */
export async function sealRunLetter(
  { runId, job, processedAt, scratch, log }: RunContext,
  source: string,
  { code, message }: SluiceError,
): Promise<SealedLetters | null> {
  const letter = {
    id: runId,
    kind: 'run',
    run_id: runId,
    job,
    source,
    errors: [{ code, message }],
    stage: 'run',
    rejected_at: processedAt.toISOString(),
    replay_count: 0,
  }
  const line = Buffer.from(`${JSON.stringify(letter)}\n`)
  const path = `${scratch}/run-letter.jsonl`
  try {
    await writeFile(path, line, { mode: 0o600 })
    return { path, letters: 1, bytes: line.length }
  } catch (error) {
    log.warn({ err: (error as Error).message }, 'could not write the dead letter of the run')
    return null
  }
}
