import { join } from 'node:path'
import { crashPoint } from '../crash-point.ts'
import { partName } from '../part-name.ts'
import type { CommitOutcome, PlanOptions, PreparedOutput, StagedPart, Target, TargetPlan } from '../target.ts'
import { headObject } from './find-objects.ts'
import { keepSettings } from './keep-settings.ts'
import { abortUpload, countParts, createUpload, listUploads, type Upload } from './multipart-upload.ts'
import { formatS3, parseS3 } from './s3-location.ts'
import { asking, makeStaging, removeStaging } from './s3-staging.ts'
import { ABSENT, RUN_ID, settleUpload } from './settle-upload.ts'
import { uploadFiles } from './upload-files.ts'
import { type StagedUpload, UploadWriter } from './upload-writer.ts'

/** What `open` adds to the plan: nobody but this run knows the upload's id. */
interface ObjectPlan extends TargetPlan {
  readonly upload?: Upload
  readonly job: string
  readonly plannedAt: string
  /** Only one split goes straight to S3: of several, the assembly makes parts that are long enough. */
  readonly straight: boolean
  /** Uploads to this key that were under way before. */
  readonly others: readonly string[]
}

interface ObjectOutput extends PreparedOutput {
  readonly parts: StagedUpload['parts']
}

/**
 * One object of S3, written as a multipart upload that is held open until the verdict. The commit completes it on the
 * condition that the object is still what it was when the run began: its ETag, or nothing.
 */
export const s3ObjectTarget: Target = keepSettings({
  kind: 's3-object',
  plan: (location, run) => asking(location, () => plan(location, run)),
  open: (plan) => asking(plan.path, () => open(plan as ObjectPlan)),
  partPath: (plan, split, file) => join(plan.staging, partName(split, '', file)),
  stage: (plan, _split, { linear, io, rewritable }) => {
    const { upload, straight } = plan as ObjectPlan
    return upload === undefined || rewritable || !straight ? undefined : new UploadWriter(upload, linear, io)
  },
  assemble: (plan, parts) => asking(plan.path, () => assemble(plan as ObjectPlan, parts)),
  commit: (output) => commit(output as ObjectOutput),
  release: (plan) => asking(plan.path, () => release(plan as ObjectPlan)),
  abort: (plan) => asking(plan.path, () => abort(plan as ObjectPlan)),
})

async function plan(location: string, run: PlanOptions): Promise<ObjectPlan> {
  const place = parseS3(location)
  const [now, others] = await Promise.all([headObject(place), listUploads(place, false)])
  return {
    kind: 's3-object',
    path: formatS3(place),
    runId: run.runId,
    job: run.job ?? '',
    state: run.stateDirectory,
    staging: join(run.scratch, 's3'),
    base: now?.etag ?? ABSENT,
    extension: '',
    straight: run.splits === 1,
    plannedAt: new Date().toISOString(),
    others: others.map(({ uploadId }) => uploadId),
  }
}

async function open(plan: ObjectPlan): Promise<ObjectPlan> {
  await makeStaging(plan)
  const upload = await createUpload(parseS3(plan.path), { [RUN_ID]: plan.runId, 'sluice-job': plan.job })
  return { ...plan, upload }
}

async function assemble(plan: ObjectPlan, parts: readonly StagedPart[]): Promise<ObjectOutput> {
  crashPoint('output-assembling')
  const upload = plan.upload as Upload
  const whole = sentStraight(parts) ?? (await uploadFiles(upload, parts))
  crashPoint('output-assembled')
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return {
    plan,
    outputs: [{ path: plan.path, rows, bytes: whole.bytes, sha256: whole.sha256 }],
    staged: upload.uploadId,
    identity: plan.runId,
    parts: whole.parts,
  }
}

/** The only part, if it went straight to the upload. */
function sentStraight([part, ...more]: readonly StagedPart[]):
  | (Pick<StagedPart, 'bytes' | 'sha256'> & StagedUpload)
  | undefined {
  const { staged } = part ?? {}
  if (part === undefined || staged === undefined || more.length > 0) return undefined
  return { bytes: part.bytes, sha256: part.sha256, ...(staged as StagedUpload) }
}

async function commit({ plan, parts }: ObjectOutput): Promise<CommitOutcome> {
  crashPoint('target-locked')
  const { upload, runId, base } = plan as ObjectPlan
  const outcome = await settleUpload(upload as Upload, parts, { runId, base })
  crashPoint('target-switched')
  return outcome
}

async function release(plan: ObjectPlan): Promise<void> {
  await abortStrays(plan)
  removeStaging(plan)
}

async function abort(plan: ObjectPlan): Promise<void> {
  if (plan.upload !== undefined) await abortUpload(plan.upload)
  await abortStrays(plan)
  removeStaging(plan)
}

/**
 * Uploads that we may have begun without hearing of it: the answer was lost and the request repeated, or the process
 * died before it journaled the id. S3 does not tell whose an upload is: another run that has just begun its own must
 * not lose it, so nothing is looked for unless there is a reason.
 */
async function abortStrays(plan: ObjectPlan): Promise<void> {
  if (plan.upload !== undefined && !plan.upload.repeated) return
  for (const stray of await strayUploads(plan)) await abortUpload(stray)
}

/** Those that were begun since the plan and hold nothing. */
async function strayUploads({ path, plannedAt, others, upload }: ObjectPlan): Promise<readonly Upload[]> {
  const known = new Set([...others, upload?.uploadId])
  // The clock of S3 counts whole seconds, and may differ from ours.
  const since = Date.parse(plannedAt) - CLOCK_SKEW_MS
  const found: Upload[] = []
  for (const open of await listUploads(parseS3(path), false)) {
    if (known.has(open.uploadId) || open.initiated.getTime() < since) continue
    if ((await countParts(open)) === 0) found.push(open)
  }
  return found
}

const CLOCK_SKEW_MS = 60_000
