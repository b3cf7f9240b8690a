import { type ErrorCode, SluiceError } from '../errors.ts'
import { identify, listFiles } from './local-files.ts'
import { findObjects, isMissing, listObjects } from './s3/find-objects.ts'
import { s3Error } from './s3/s3-error.ts'
import { formatS3, isPrefix, isS3, parseS3 } from './s3/s3-location.ts'
import { readManifest, runPrefix } from './s3/s3-manifest.ts'

/** What an input was when somebody looked: a local file or an object of S3. Plain JSON. */
export interface Input {
  /** As people know it. */
  readonly source: string
  readonly bytes: number
  /** Of a file: nanoseconds since the epoch, as a decimal string. */
  readonly mtimeNs?: string
  /** Of a file: device and inode. */
  readonly file?: string
  /** Of an object. */
  readonly etag?: string
}

/**
 * The inputs that a location names, in order: a file or an object; the visible files of a directory; the visible
 * objects of a prefix or, where Sluice wrote it, those that its manifest names.
 *
 * @throws SluiceError `source-not-found`.
 */
export async function findInputs(location: string, signal: AbortSignal): Promise<readonly Input[]> {
  if (!isS3(location)) return await Promise.all((await listFiles(location)).map(identify))
  return (await findPublished(location, signal)).map(({ bucket, key, bytes, etag }) => {
    return { source: formatS3({ bucket, key }), bytes, etag }
  })
}

async function findPublished(location: string, signal: AbortSignal) {
  const place = parseS3(location)
  if (!isPrefix(place)) return await findObjects(location, signal)
  const published = await asking(location, () => readManifest(place, signal))
  if (published === undefined) return await findObjects(location, signal)
  const { run_id: runId, files } = published.manifest
  const objects = await asking(location, () => listObjects(runPrefix(place, runId), signal, false))
  const there = new Map(objects.map((object) => [object.key, object]))
  return files.map(({ key }) => {
    const object = there.get(key)
    if (object !== undefined) return object
    const name = formatS3({ bucket: place.bucket, key })
    throw new SluiceError('source-not-found', `The manifest of ${location} names ${name}, which is not there.`)
  })
}

async function asking<R>(location: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    throw s3Error(error, isMissing(error) ? 'source-not-found' : 'source-failed', `Cannot read ${location}`)
  }
}

/**
 * Looks whether the location still names the same inputs, each as it was; `find` is how they were found.
 *
 * @throws SluiceError `source-changed`, `source-not-found`.
 */
export async function checkUnchanged(
  location: string,
  then: readonly Input[],
  signal: AbortSignal,
  find: typeof findInputs = findInputs,
): Promise<void> {
  const now = await find(location, signal).catch((error: unknown) => {
    // Of a single input, the address was right when the run began.
    if ((error as SluiceError).code === 'source-not-found') return []
    throw error
  })
  const known = new Map(now.map((input) => [input.source, input]))
  for (const input of then) {
    const found = known.get(input.source)
    if (found === undefined) throw changed(input.source, 'vanished while it was read', 'source-not-found')
    if (!sameInput(input, found)) throw changed(input.source, 'changed while it was read')
    known.delete(input.source)
  }
  const [added] = known.keys()
  if (added !== undefined) throw changed(added, 'was added during the run')
}

function sameInput(a: Input, b: Input): boolean {
  return a.bytes === b.bytes && a.mtimeNs === b.mtimeNs && a.file === b.file && a.etag === b.etag
}

function changed(source: string, what: string, code: ErrorCode = 'source-changed'): SluiceError {
  return new SluiceError(code, `${source} ${what}. Nothing was written; run again when it is complete.`, {
    context: { path: source },
  })
}
