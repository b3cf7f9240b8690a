import type { Logger } from '../../context.ts'
import { crashPoint } from '../../storage/crash-point.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import { withSettings } from '../../storage/s3/s3-settings.ts'
import { isSqs } from '../../storage/sqs/sqs-address.ts'
import { deliverLetters, undelivered } from '../dead-letter-delivery.ts'
import type { SealedLetters } from '../journal-record.ts'
import type { OpenRun } from '../open-run.ts'
import { putLetters } from './put-letters.ts'
import { sendLetters } from './send-letters.ts'

/**
 * Delivers a run's sealed dead letters to where its journal says: a file, an object or a queue. At least once: what a
 * crash left out is delivered by the next call, which begins where the journal knows that letters have arrived.
 * Throws `dead-letters-undelivered`.
 */
export async function postLetters(run: OpenRun, sealed: SealedLetters, place: string, log: Logger): Promise<void> {
  await withSettings(run.progress.begun?.aws, async () => {
    if (isS3(place)) await postTo(putLetters, run, sealed, place)
    else if (isSqs(place)) await postTo(sendLetters, run, sealed, place)
    else await deliverLetters(run, sealed, place, log)
  })
}

async function postTo(
  post: (run: OpenRun, sealed: SealedLetters, place: string) => Promise<string>,
  run: OpenRun,
  sealed: SealedLetters,
  place: string,
): Promise<void> {
  let path: string
  try {
    path = await post(run, sealed, place)
  } catch (error) {
    throw undelivered(error, sealed, place)
  }
  crashPoint('letters-appended')
  run.record({ type: 'letters-delivered', path, letters: sealed.letters })
  await run.publish()
  crashPoint('letters-journaled')
}
