import { headObject } from '../../storage/s3/find-objects.ts'
import { putFile } from '../../storage/s3/put-file.ts'
import { s3Error } from '../../storage/s3/s3-error.ts'
import { formatS3, parseS3, type S3Location } from '../../storage/s3/s3-location.ts'
import type { SealedLetters } from '../journal-record.ts'
import type { OpenRun } from '../open-run.ts'

/** Under which the metadata of an object tells attempts of one run id apart. */
const ATTEMPT = 'sluice-started-at'

/** Puts the letters of a run into an object of its own; repeating it puts the same again. Returns its address. */
export async function putLetters(run: OpenRun, sealed: SealedLetters, address: string): Promise<string> {
  const attempt = run.progress.begun?.startedAt ?? ''
  try {
    const place = await freePlace(parseS3(address), attempt)
    const metadata = { 'sluice-run-id': run.runId, [ATTEMPT]: attempt }
    const range = { path: sealed.path, from: 0, to: sealed.bytes }
    await putFile(place, range, { contentType: LETTERS_TYPE, metadata })
    return formatS3(place)
  } catch (error) {
    throw s3Error(error, 'dead-letters-undelivered', `Cannot write ${address}`)
  }
}

export const LETTERS_TYPE = 'application/x-ndjson'

/** An earlier attempt with the same run id keeps its letters: then this one's object has the instant in its name. */
async function freePlace(place: S3Location, attempt: string): Promise<S3Location> {
  const there = await headObject(place)
  if (there === undefined || there.metadata[ATTEMPT] === attempt) return place
  const stamp = attempt.replace(/[^0-9A-Za-z]/g, '')
  return { ...place, key: place.key.replace(/\.jsonl$/, `.${stamp}.jsonl`) }
}
