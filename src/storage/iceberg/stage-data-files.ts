import { copyFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { makeDirectories, syncFile } from '../durable.ts'
import { listObjects } from '../s3/find-objects.ts'
import { withAccess } from '../s3/s3-access.ts'
import { s3Error } from '../s3/s3-error.ts'
import { writeFile } from '../s3/small-objects.ts'
import { writing } from '../write-error.ts'
import type { DataFile, StagedFiles } from './data-file.ts'
import { type IcebergPlan, runDataFolder } from './iceberg-plan.ts'
import { reachPlanned } from './reach-table.ts'
import { placeOf, removeTableFile } from './table-files.ts'

/** Where a sink writes a data file: the local path for a `DataFile.path`. The sink makes its folder. */
export function stagedPath({ staging }: Pick<IcebergPlan, 'staging'>, path: string): string {
  return join(staging, path)
}

/**
 * Called by a sink when a data file is complete and closed; makes it durable. Where the table lies on S3 and its place is
 * known, the file goes there, and takes no more room in scratch; no snapshot names it, so nobody sees it.
 */
export async function publishDataFile(plan: IcebergPlan, { path }: Pick<DataFile, 'path'>): Promise<void> {
  const { location } = plan
  if (location === null) return
  await withAccess(reachPlanned(plan.path, plan.catalog).access, () => upload(plan, location, path))
}

/** What is not there yet, such as files of a table whose place is known only now. Throws `staged-lost`. */
export async function placeDataFiles(
  plan: IcebergPlan,
  location: string,
  staged: readonly StagedFiles[],
): Promise<void> {
  const files = staged.flatMap((part) => part.files)
  if (plan.location === null) for (const { path } of files) await upload(plan, location, path)
  const lost = await lostDataFile(runDataFolder(location, plan), files)
  if (lost !== undefined) throw new SluiceError('staged-lost', `${lost} is not as it was sealed.`)
}

async function upload(plan: IcebergPlan, location: string, path: string): Promise<void> {
  const place = placeOf(`${runDataFolder(location, plan)}/${path}`)
  const local = stagedPath(plan, path)
  if ('local' in place) return await move(local, place.local)
  try {
    await writeFile(place.s3, local)
  } catch (error) {
    throw s3Error(error, 'target-not-writable', `Cannot write ${plan.path}`)
  }
  await removeTableFile(`file://${local}`)
}

async function move(from: string, to: string): Promise<void> {
  if (from === to) return await writing(to, () => syncFile(to))
  await writing(to, async () => {
    makeDirectories(dirname(to))
    // The two may lie on different disks.
    copyFileSync(from, to)
    await syncFile(to)
    rmSync(from)
  })
}

/** A data file that is gone or has another length; undefined when all are there. */
export async function lostDataFile(
  folder: string,
  files: readonly Pick<DataFile, 'path' | 'bytes'>[],
): Promise<string | undefined> {
  const place = placeOf(folder)
  if ('local' in place) {
    const lost = files.find(({ path, bytes }) => sizeOf(join(place.local, path)) !== bytes)
    return lost === undefined ? undefined : `${folder}/${lost.path}`
  }
  const { bucket, key } = place.s3
  const objects = await listObjects({ bucket, key: `${key}/` }, undefined, false)
  const there = new Map(objects.map((object) => [object.key.slice(key.length + 1), object.bytes]))
  const lost = files.find(({ path, bytes }) => there.get(path) !== bytes)
  return lost === undefined ? undefined : `${folder}/${lost.path}`
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
