import { chmodSync, chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crashPoint } from './crash-point.ts'
import { syncDirectory, syncFile } from './durable.ts'
import { contentIdentity, look } from './file-identity.ts'
import { checkLength, type Spliced, splice } from './splice.ts'
import type { PreparedOutput, StagedPart, TargetPlan } from './target.ts'

/**
 * Makes one durable file of all parts. A single part without cuts is taken as it is: nothing is copied and
 * the digest of its split is believed.
 */
export async function assembleFile(plan: TargetPlan, parts: readonly StagedPart[]): Promise<PreparedOutput> {
  crashPoint('output-assembling')
  const { path, ...whole } = await wholeFile(plan, parts)
  keepModeAndOwner(path, plan)
  await syncFile(path)
  syncDirectory(plan.staging)
  crashPoint('output-assembled')
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return {
    plan,
    outputs: [{ path: plan.path, rows, ...whole }],
    staged: path,
    identity: contentIdentity(look(path)!),
  }
}

async function wholeFile(plan: TargetPlan, parts: readonly StagedPart[]): Promise<Spliced & { path: string }> {
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0 && (only.cut ?? []).length === 0) {
    checkLength(only, statSync(only.path).size)
    return { path: only.path, bytes: only.bytes, sha256: only.sha256 }
  }
  const path = join(plan.staging, 'whole')
  return { path, ...(await splice(path, parts)) }
}

/** The new file answers to whom the old one did. Only root may give a file away, so that part is tried, not demanded. */
function keepModeAndOwner(path: string, plan: TargetPlan): void {
  const old = statSync(plan.path, { throwIfNoEntry: false })
  if (old === undefined) return
  const { uid, gid } = statSync(path)
  if (old.uid !== uid || old.gid !== gid) {
    try {
      chownSync(path, old.uid, old.gid)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    }
  }
  // After chown, which clears the set-id bits.
  chmodSync(path, old.mode & 0o7777)
}
