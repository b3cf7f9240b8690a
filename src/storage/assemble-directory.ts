import { chmodSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crashPoint } from './crash-point.ts'
import { syncDirectory, syncFile } from './durable.ts'
import { checkLength, splice } from './splice.ts'
import type { OutputFile, PreparedOutput, StagedPart, TargetPlan } from './target.ts'

/** Makes a version whole and durable: exactly the given parts, cut where the judge said so. */
export async function assembleDirectory(plan: TargetPlan, parts: readonly StagedPart[]): Promise<PreparedOutput> {
  crashPoint('output-assembling')
  removeStrays(plan, parts)
  const outputs: OutputFile[] = []
  for (const part of parts) outputs.push(await sealPart(plan, part))
  keepMode(plan)
  syncDirectory(plan.staging)
  syncDirectory(dirname(plan.staging))
  crashPoint('output-assembled')
  return { plan, outputs, staged: plan.staging, identity: plan.runId }
}

/** What a split that was staged again, or fewer splits, left behind would be published with the rest. */
function removeStrays(plan: TargetPlan, parts: readonly StagedPart[]): void {
  const wanted = new Set(parts.map((part) => basename(part.path)))
  for (const name of readdirSync(plan.staging)) {
    if (!wanted.has(name)) rmSync(join(plan.staging, name), { recursive: true })
  }
}

async function sealPart(plan: TargetPlan, part: StagedPart): Promise<OutputFile> {
  const path = join(plan.path, basename(part.path))
  if ((part.cut ?? []).length === 0) {
    checkLength(part, statSync(part.path).size)
    await syncFile(part.path)
    return { path, rows: part.rows, bytes: part.bytes, sha256: part.sha256 }
  }
  const rewritten = `${part.path}.cut`
  const whole = await splice(rewritten, [part])
  await syncFile(rewritten)
  renameSync(rewritten, part.path)
  return { path, rows: part.rows, ...whole }
}

/** Who may list the directory stays as it was. */
function keepMode(plan: TargetPlan): void {
  const old = statSync(plan.path, { throwIfNoEntry: false })
  if (old?.isDirectory()) chmodSync(plan.staging, old.mode & 0o7777)
}
