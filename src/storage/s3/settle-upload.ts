import type { CommitOutcome } from '../target.ts'
import { headObject } from './find-objects.ts'
import { type Condition, completeUpload, countParts, type Upload, type UploadedPart } from './multipart-upload.ts'
import { isConflict, isNotFound, isPreconditionFailed, s3Error } from './s3-error.ts'
import { formatS3 } from './s3-location.ts'

/** The name under which an object's metadata holds the id of the run that wrote it. */
export const RUN_ID = 'sluice-run-id'

/** How a target that is one object says what it was: its ETag, or that nothing was there. */
export const ABSENT = 'absent'

/** A write that replaces exactly what was there. */
export function unchanged(base: string): Condition {
  return base === ABSENT ? { IfNoneMatch: '*' } : { IfMatch: base }
}

/**
 * Completes an upload if the object is still what it was, and finds out what became of it: an answer that is lost, and
 * repeated by the SDK, comes back as a refusal of our own success. Idempotent. Throws while the outcome is unknown.
 */
export async function settleUpload(
  upload: Upload,
  parts: readonly UploadedPart[],
  wish: { readonly runId: string; readonly base: string },
): Promise<CommitOutcome> {
  try {
    await completeUpload(upload, parts, unchanged(wish.base))
    return { outcome: 'committed' }
  } catch (error) {
    return await outcomeAfter(error, upload, wish)
  }
}

/** Completes an upload to a place that is its writer's alone; whoever began it gave it this id as its metadata. */
export async function completeOwn(upload: Upload, parts: readonly UploadedPart[], id: string): Promise<void> {
  try {
    await completeUpload(upload, parts, {})
  } catch (error) {
    // An answer that was lost, and the request repeated: then the upload is gone, for the object is there.
    if (!isNotFound(error) || (await headObject(upload))?.metadata[RUN_ID] !== id) throw error
  }
}

/** Our run's id in the object's metadata proves the commit, whatever the answer said. */
async function outcomeAfter(
  answer: unknown,
  upload: Upload,
  { runId, base }: { readonly runId: string; readonly base: string },
): Promise<CommitOutcome> {
  const name = formatS3(upload)
  const now = await headObject(upload)
  if (now?.metadata[RUN_ID] === runId) return { outcome: 'committed' }
  const moved = (now?.etag ?? ABSENT) !== base
  // Of an object that is to be replaced and is gone S3 says 404; an upload that is still open was not completed.
  const gone = isNotFound(answer) && moved && (await countParts(upload)) !== undefined
  if (isPreconditionFailed(answer) || gone || (isConflict(answer) && moved)) {
    return { outcome: 'refused', code: 'target-moved', reason: `somebody else changed ${name} since the run began` }
  }
  // Two conditional writes met, and S3 wants this one to be sent anew from its first byte.
  if (isConflict(answer)) {
    return { outcome: 'refused', code: 'target-moved', reason: `somebody else was writing ${name} at the same moment` }
  }
  if (isNotFound(answer) && moved) {
    return { outcome: 'unknowable', reason: `the upload is gone, as after a commit, but ${name} is not what it made` }
  }
  if (isNotFound(answer) || isInvalid(answer)) {
    return {
      outcome: 'refused',
      code: 'staged-lost',
      reason: `the upload to ${name} is gone: ${(answer as Error).name}`,
    }
  }
  throw s3Error(answer, 'in-doubt', `Cannot complete ${name}`)
}

/** Parts are not there as they were sent. */
function isInvalid(error: unknown): boolean {
  return ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'BadDigest'].includes((error as Error).name)
}
