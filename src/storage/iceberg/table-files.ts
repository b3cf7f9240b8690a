import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { createDurably, makeDirectories } from '../durable.ts'
import { listObjects } from '../s3/find-objects.ts'
import { abortUploadsBelow } from '../s3/multipart-upload.ts'
import { removePrefix } from '../s3/remove-objects.ts'
import { s3Error, statusOf } from '../s3/s3-error.ts'
import { parseS3, type S3Location } from '../s3/s3-location.ts'
import { readBytes, removeObject, writeBytes } from '../s3/small-objects.ts'
import { writing } from '../write-error.ts'

/** Where a file of a table lies. Metadata has full addresses: `file:///…`, `s3://…`. */
type Place = { readonly local: string } | { readonly s3: S3Location }

/**
 * Addresses stand as they are, nothing in them is percent-encoded: the names of partitions hold a `%` that belongs there,
 * and PyIceberg and Hadoop take them in the same way. Throws `usage` for schemes that are not known.
 */
export function placeOf(location: string): Place {
  if (location.includes('\0')) throw new SluiceError('usage', `${JSON.stringify(location)} is no address of a file.`)
  const [, scheme, rest = ''] = /^([a-z0-9]+):(.*)$/s.exec(location) ?? []
  if (scheme === undefined && location.startsWith('/')) return { local: location }
  // Java writes `file:/path` as well.
  if (scheme === 'file') return { local: rest.replace(/^\/\/(localhost)?(?=\/)/, '') }
  if (scheme === 's3' || scheme === 's3a' || scheme === 's3n') return { s3: parseS3(`s3:${rest}`) }
  throw new SluiceError('usage', `${location} lies where Sluice cannot reach: only file: and s3:// are supported.`)
}

export function localAddress(path: string): string {
  return `file://${path}`
}

/** Throws `source-failed` when it cannot be read, also because it is gone. */
export async function readTableFile(location: string): Promise<Buffer> {
  const place = placeOf(location)
  try {
    if ('local' in place) return readFileSync(place.local)
    const found = await readBytes(place.s3)
    if (found !== undefined) return found.bytes
  } catch (error) {
    throw s3Error(error, 'source-failed', `Cannot read ${location}`)
  }
  throw new SluiceError('source-failed', `Cannot read ${location}: there is no such object.`)
}

/** Writes a file whose name nobody else has, and makes it durable. Nothing of a table is ever written twice. */
export async function writeTableFile(location: string, bytes: Uint8Array): Promise<void> {
  const place = placeOf(location)
  if ('local' in place) {
    await writing(place.local, () => {
      makeDirectories(dirname(place.local))
      createDurably(place.local, bytes, 0o666)
    })
    return
  }
  try {
    await writeBytes(place.s3, Buffer.from(bytes))
  } catch (error) {
    throw s3Error(error, 'target-not-writable', `Cannot write ${location}`)
  }
}

/** The addresses of the files in a folder of metadata, which has no others below it; none when it is not there. */
export async function listFolder(location: string): Promise<readonly string[]> {
  const place = placeOf(location)
  if ('local' in place) {
    return existsSync(place.local) ? readdirSync(place.local).map((name) => `${location}/${name}`) : []
  }
  const { bucket, key } = place.s3
  const objects = await listObjects({ bucket, key: `${key}/` }, undefined, false)
  return objects.map((object) => `${location}/${object.key.slice(key.length + 1)}`)
}

/** Idempotent. */
export async function removeTableFile(location: string): Promise<void> {
  const place = placeOf(location)
  if ('local' in place) return await writing(place.local, () => rmSync(place.local, { force: true }))
  await askingFor(location, () => removeObject(place.s3))
}

/** Removes all that lies below a folder. Idempotent. */
export async function removeFolder(location: string): Promise<void> {
  const place = placeOf(location)
  if ('local' in place) return await writing(place.local, () => rmSync(place.local, { recursive: true, force: true }))
  const { bucket, key } = place.s3
  const folder = { bucket, key: key.endsWith('/') ? key : `${key}/` }
  await askingFor(location, async () => {
    await removePrefix(folder)
    await abortUploads(folder)
  })
}

/** Those that a process was killed in. Who may not list them, as is usual for one table, leaves them to a rule of the bucket. */
async function abortUploads(folder: S3Location): Promise<void> {
  try {
    await abortUploadsBelow(folder)
  } catch (error) {
    if (!UNPERMITTED.has(statusOf(error) ?? 0)) throw error
  }
}

/** Some makers of S3 do not know the request. */
const UNPERMITTED: ReadonlySet<number> = new Set([403, 405, 501])

/** Removes a local folder that nothing lies in, and leaves any other. S3 has no folders. */
export function removeEmptyFolder(location: string): void {
  const place = placeOf(location)
  if (!('local' in place)) return
  try {
    rmdirSync(place.local)
  } catch {
    // Something lies in it, or it is gone.
  }
}

async function askingFor(location: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw s3Error(error, 'target-not-writable', `Cannot remove ${location}`)
  }
}
