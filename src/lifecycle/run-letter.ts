import { LetterFile } from '../validation/letter-file.ts'
import type { Begun, RunError, SealedLetters } from './journal-record.ts'
import { copyLines } from './late-letters.ts'

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
  const out = new LetterFile(path)
  try {
    if (earlier !== null) await copyLines(earlier, out)
    await out.add(`${JSON.stringify(letter)}\n`)
    return await out.seal({ durable: true })
  } finally {
    await out.close()
  }
}
