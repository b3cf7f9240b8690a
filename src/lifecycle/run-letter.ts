import { appendFile, copyFile, writeFile } from 'node:fs/promises'
import { syncFile } from '../storage/durable.ts'
import { writing } from '../storage/write-error.ts'
import type { Begun, RunError, SealedLetters } from './journal-record.ts'

/**
 * Seals the one dead letter of a run that fails for another reason than its rows, behind those of its rows if these
 * were sealed already. The same run and error give the same bytes, so that recovery can go on with a delivery.
 */
export async function sealRunLetter(
  path: string,
  { runId, job, startedAt, audit }: Pick<Begun, 'runId' | 'job' | 'startedAt' | 'audit'>,
  { code, message }: RunError,
  earlier: SealedLetters | null = null,
): Promise<SealedLetters> {
  const inputs = (audit['inputs'] ?? []) as readonly { readonly source: string }[]
  const letter = {
    id: runId,
    kind: 'run',
    run_id: runId,
    job,
    source: inputs.map(({ source }) => source).join(', '),
    errors: [{ code, message }],
    stage: 'run',
    rejected_at: startedAt,
    replay_count: 0,
  }
  const line = Buffer.from(`${JSON.stringify(letter)}\n`)
  await writing(path, async () => {
    if (earlier === null) await writeFile(path, line, { mode: 0o600 })
    else {
      await copyFile(earlier.path, path)
      await appendFile(path, line)
    }
    await syncFile(path)
  })
  return { path, letters: (earlier?.letters ?? 0) + 1, bytes: (earlier?.bytes ?? 0) + line.length }
}
