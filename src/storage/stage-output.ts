import { StagedFile } from './staged-file.ts'
import type { OutputResources, StagedOutput } from './staged-output.ts'
import type { Target, TargetPlan } from './target.ts'

/** Begins the bytes of one split: where the target wants them, or else in a file of the split's own. */
export async function stageOutput(
  target: Target,
  plan: TargetPlan,
  split: number,
  resources: OutputResources,
): Promise<StagedOutput> {
  const direct = target.stage?.(plan, split, resources)
  if (direct !== undefined) return await direct
  return await StagedFile.create(target.partPath(plan, split), resources.linear, resources.io)
}
