import { mkdirSync, rmSync } from 'node:fs'
import type { TargetPlan } from '../target.ts'
import { writing } from '../write-error.ts'
import { s3Error } from './s3-error.ts'

/** What S3 says to a target is told with the target's address. */
export async function asking<R>(location: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    throw s3Error(error, 'target-not-writable', `Cannot write ${location}`)
  }
}

/** The directory in scratch for parts that do not go straight to S3. */
export async function makeStaging({ staging }: TargetPlan): Promise<void> {
  await writing(staging, () => void mkdirSync(staging, { recursive: true, mode: 0o700 }))
}

export function removeStaging({ staging }: TargetPlan): void {
  rmSync(staging, { recursive: true, force: true })
}
