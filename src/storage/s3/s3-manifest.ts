import { SluiceError } from '../../errors.ts'
import type { Condition } from './multipart-upload.ts'
import { formatS3, type S3Location } from './s3-location.ts'
import { readText, writeText } from './small-objects.ts'

/** What a prefix holds: the objects of one run. Whoever reads the prefix reads these and no others. */
export interface Manifest {
  readonly version: 1
  readonly run_id: string
  readonly job: string
  readonly files: readonly ManifestFile[]
  /** Runs that were published before and whose objects are there still, the latest first. */
  readonly previous: readonly string[]
}

export interface ManifestFile {
  /** In the same bucket. */
  readonly key: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** Hidden names: who lists a prefix leaves out what begins with "_". */
const MANIFEST = '_manifest.json'
const RUNS = '_runs'

export function runPrefix({ bucket, key }: S3Location, runId: string): S3Location {
  return { bucket, key: `${key}${RUNS}/${runId}/` }
}

/** Undefined when the prefix has none. Throws `journal-damaged` for one that Sluice did not write. */
export async function readManifest(
  prefix: S3Location,
  signal?: AbortSignal,
): Promise<{ readonly manifest: Manifest; readonly etag: string } | undefined> {
  const found = await readText(manifestPlace(prefix), signal)
  return found === undefined ? undefined : { manifest: parse(found.text, prefix), etag: found.etag }
}

export async function writeManifest(prefix: S3Location, manifest: Manifest, condition: Condition): Promise<void> {
  await writeText(manifestPlace(prefix), `${JSON.stringify(manifest, undefined, 2)}\n`, condition)
}

function manifestPlace({ bucket, key }: S3Location): S3Location {
  return { bucket, key: `${key}${MANIFEST}` }
}

function parse(text: string, prefix: S3Location): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest
    if (manifest.version === 1 && Array.isArray(manifest.files) && Array.isArray(manifest.previous)) return manifest
  } catch {
    // Said below, as for JSON of another shape.
  }
  const path = formatS3(manifestPlace(prefix))
  throw new SluiceError(
    'journal-damaged',
    `${path} is no manifest of Sluice: somebody changed it. Remove it or choose another prefix.`,
    {
      context: { path },
    },
  )
}
