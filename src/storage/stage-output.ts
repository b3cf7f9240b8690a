import { StagedFile } from './staged-file.ts'
import type { OutputResources, StagedOutput } from './staged-output.ts'
import type { PartTarget, TargetPlan } from './target.ts'

/** Begins the bytes of one split, or of one file of it: where the target wants them, or else in a file of the split's own. */
export async function stageOutput(
  target: PartTarget,
  plan: TargetPlan,
  split: number,
  resources: OutputResources,
  file = 0,
): Promise<StagedOutput> {
  const direct = target.stage?.(plan, split, resources, file)
  if (direct !== undefined) return await direct
  return await StagedFile.create(target.partPath(plan, split, file), resources.linear, resources.io)
}
