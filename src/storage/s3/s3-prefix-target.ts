import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { crashPoint } from '../crash-point.ts'
import { partName } from '../part-name.ts'
import type { OutputResources, StagedOutput } from '../staged-output.ts'
import type {
  CommitOutcome,
  OutputFile,
  PlanOptions,
  PreparedOutput,
  StagedPart,
  Target,
  TargetPlan,
} from '../target.ts'
import { listObjects } from './find-objects.ts'
import { keepSettings } from './keep-settings.ts'
import { abortUploadsBelow, createUpload } from './multipart-upload.ts'
import { removePrefix } from './remove-objects.ts'
import { isConflict, isNotFound, isPreconditionFailed, s3Error } from './s3-error.ts'
import { formatS3, parseS3, type S3Location } from './s3-location.ts'
import { type Manifest, type ManifestFile, readManifest, runPrefix, writeManifest } from './s3-manifest.ts'
import { asking, makeStaging, removeStaging } from './s3-staging.ts'
import { ABSENT, completeOwn, RUN_ID, unchanged } from './settle-upload.ts'
import { uploadFiles } from './upload-files.ts'
import { type StagedUpload, UploadWriter } from './upload-writer.ts'

interface PrefixPlan extends TargetPlan {
  readonly job: string
  /** The published runs that the manifest named, the latest first. */
  readonly published: readonly string[]
  readonly keepVersions: boolean
}

interface PrefixOutput extends PreparedOutput {
  readonly manifest: Manifest
}

/**
 * A prefix of S3. Each run writes its objects below a prefix of its own, `_runs/<run-id>/`; what readers see is what the
 * manifest names, and the commit is one conditional put of the manifest.
 */
export const s3PrefixTarget: Target = keepSettings({
  kind: 's3-prefix',
  plan: (location, run) => asking(location, () => plan(location, run)),
  open: (plan) => asking(plan.path, () => open(plan)),
  partPath: (plan, split, file) => join(plan.staging, partName(split, '', file)),
  stage: (plan, split, resources, file) => {
    const place = partPlace(plan, split, file)
    return resources.rewritable ? undefined : asking(plan.path, () => stage(plan, place, resources))
  },
  assemble: (plan, parts) => asking(plan.path, () => assemble(plan as PrefixPlan, parts)),
  commit: (output) => commit(output as PrefixOutput),
  release: (plan) => asking(plan.path, () => release(plan as PrefixPlan)),
  abort: (plan) => asking(plan.path, () => abort(plan as PrefixPlan)),
})

async function plan(location: string, run: PlanOptions): Promise<PrefixPlan> {
  const place = parseS3(location)
  const now = await readManifest(place)
  if (now === undefined && run.adopt !== true) await refuseForeign(place)
  return {
    kind: 's3-prefix',
    path: formatS3(place),
    runId: run.runId,
    job: run.job ?? '',
    state: run.stateDirectory,
    staging: join(run.scratch, 's3'),
    base: now?.etag ?? ABSENT,
    extension: run.extension ?? '',
    published: now === undefined ? [] : [now.manifest.run_id, ...now.manifest.previous],
    keepVersions: run.keepVersions ?? true,
  }
}

async function refuseForeign(place: S3Location): Promise<void> {
  const [first] = await listObjects(place)
  if (first === undefined) return
  throw new SluiceError(
    'target-not-adoptable',
    `${formatS3(place)} holds objects that Sluice did not write, such as ${first.key}: set \`adopt: true\` to leave them beside, where readers of the manifest do not see them, or choose another prefix.`,
    { context: { path: formatS3(place) } },
  )
}

async function open(plan: TargetPlan): Promise<TargetPlan> {
  const [taken] = await listObjects(runPlace(plan), undefined, false)
  if (taken !== undefined) {
    const fix = 'take another run id, or settle an interrupted run with `sluice recover`'
    throw new SluiceError('run-id-conflict', `${plan.path} has objects of a run ${plan.runId} already; ${fix}.`)
  }
  await makeStaging(plan)
  return plan
}

async function stage(plan: TargetPlan, place: S3Location, { linear, io }: OutputResources): Promise<StagedOutput> {
  const upload = await createUpload(place, { [RUN_ID]: plan.runId })
  return new UploadWriter(upload, linear, io)
}

async function assemble(plan: PrefixPlan, parts: readonly StagedPart[]): Promise<PrefixOutput> {
  crashPoint('output-assembling')
  const files: ManifestFile[] = []
  const outputs: OutputFile[] = []
  for (const part of parts) {
    const { bytes, sha256, key } = await completePart(plan, part)
    files.push({ key, rows: part.rows, bytes, sha256 })
    outputs.push({ path: formatS3({ ...parseS3(plan.path), key }), rows: part.rows, bytes, sha256 })
  }
  crashPoint('output-assembled')
  const manifest: Manifest = {
    version: 1,
    run_id: plan.runId,
    job: plan.job,
    files,
    previous: plan.keepVersions ? plan.published : plan.published.slice(0, 1),
  }
  return { plan, outputs, staged: runPlace(plan).key, identity: plan.runId, manifest }
}

/** An object of its own, which nobody sees before the manifest names it. */
async function completePart(
  plan: PrefixPlan,
  part: StagedPart,
): Promise<{ bytes: number; sha256: string; key: string }> {
  const place = partPlace(plan, part.split, part.file)
  const known = part.staged as StagedUpload | undefined
  const upload = known?.upload ?? (await createUpload(place, { [RUN_ID]: plan.runId }))
  const { parts, bytes, sha256 } = known === undefined ? await uploadFiles(upload, [part]) : { ...known, ...part }
  await completeOwn(upload, parts, plan.runId)
  return { bytes, sha256, key: place.key }
}

async function commit({ plan, manifest }: PrefixOutput): Promise<CommitOutcome> {
  crashPoint('target-locked')
  const outcome = await publish(plan, manifest)
  crashPoint('target-switched')
  return outcome
}

/** As for one object: whatever the answer says, the manifest tells whose it is. */
async function publish(plan: TargetPlan, manifest: Manifest): Promise<CommitOutcome> {
  const place = parseS3(plan.path)
  try {
    const missing = await missingFile(plan, manifest)
    if (missing !== undefined)
      return { outcome: 'refused', code: 'staged-lost', reason: `${missing} is not there any more` }
    await writeManifest(place, manifest, unchanged(plan.base))
    return { outcome: 'committed' }
  } catch (error) {
    const now = await readManifest(place)
    if (now?.manifest.run_id === plan.runId || now?.manifest.previous.includes(plan.runId))
      return { outcome: 'committed' }
    // Of a manifest that is to be replaced and is gone S3 says 404.
    const gone = now === undefined && plan.base !== ABSENT && isNotFound(error)
    if (!isPreconditionFailed(error) && !isConflict(error) && !gone) {
      throw s3Error(error, 'in-doubt', `Cannot write the manifest of ${plan.path}`)
    }
    return {
      outcome: 'refused',
      code: 'target-moved',
      reason: `somebody else changed ${plan.path} since the run began`,
    }
  }
}

async function missingFile(plan: TargetPlan, { files }: Manifest): Promise<string | undefined> {
  const there = new Map((await listObjects(runPlace(plan), undefined, false)).map(({ key, bytes }) => [key, bytes]))
  return files.find(({ key, bytes }) => there.get(key) !== bytes)?.key
}

/**
 * Ends uploads that were begun twice, for the first answer was lost. Removes the runs before the last one when that was
 * asked for: readers may still be at work on that one.
 */
async function release(plan: PrefixPlan): Promise<void> {
  removeStaging(plan)
  await abortUploadsBelow(runPlace(plan))
  if (plan.keepVersions) return
  for (const runId of plan.published.slice(1)) await removePrefix(runPlace({ ...plan, runId }))
}

/** Not what the manifest names: that was committed. */
async function abort(plan: PrefixPlan): Promise<void> {
  const now = await readManifest(parseS3(plan.path))
  const published = now === undefined ? [] : [now.manifest.run_id, ...now.manifest.previous]
  if (!published.includes(plan.runId)) {
    await abortUploadsBelow(runPlace(plan))
    await removePrefix(runPlace(plan))
  }
  removeStaging(plan)
}

function runPlace({ path, runId }: TargetPlan): S3Location {
  return runPrefix(parseS3(path), runId)
}

function partPlace(plan: TargetPlan, split: number, file?: number): S3Location {
  const { bucket, key } = runPlace(plan)
  return { bucket, key: `${key}${partName(split, plan.extension, file)}` }
}
