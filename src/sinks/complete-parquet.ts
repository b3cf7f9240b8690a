import { encodeFooter, type Footer, MAGIC } from '../parquet/footer.ts'
import { joinFooters } from '../parquet/join-footers.ts'
import { StagedFile } from '../storage/staged-file.ts'
import { isDirectory, type StagedPart, type Target, type TargetPlan } from '../storage/target.ts'
import type { ParquetPart } from './parquet-staging.ts'
import type { SealedPart, WriteResources } from './sink.ts'
import { StagedParquet } from './staged-parquet.ts'

/**
 * Of a directory the files as they are. One file out of several is the row groups of all, behind one another, and a
 * footer of all: of each part its own footer is left out, and of all but the first the magic bytes.
 */
export async function completeParquet(
  { target, plan }: { readonly target: Target; readonly plan: TargetPlan },
  parts: readonly SealedPart[],
  resources: WriteResources,
): Promise<readonly StagedPart[]> {
  const files = (parts as readonly ParquetPart[]).flatMap((part) => part.files)
  if (isDirectory(plan) || files.length < 2) return files
  const footers: Footer[] = []
  const kept: StagedPart[] = []
  let offset = 0
  const starts: number[] = []
  for (const file of files) {
    await using staged = await StagedParquet.open(file)
    const { footer, start } = await staged.footer()
    const head = kept.length === 0 ? 0 : MAGIC.length
    footers.push(footer)
    starts.push(offset - head)
    offset += start - head
    kept.push({ ...file, cut: [...(head === 0 ? [] : [[0, head] as const]), [start, file.bytes]] })
  }
  const footer = encodeFooter(joinFooters(footers, starts))
  const split = Math.max(...files.map((file) => file.split)) + 1
  return [...kept, await stageFooter(target.partPath(plan, split), split, footer, resources)]
}

async function stageFooter(
  path: string,
  split: number,
  footer: Buffer,
  { pool, io }: WriteResources,
): Promise<StagedPart> {
  const file = await StagedFile.create(path, pool.linear, io)
  try {
    file.linear.bytes.set(footer, await file.buffer(footer.length))
    await file.write(footer.length)
    return { split, rows: 0, ...(await file.seal()) }
  } finally {
    await file.close()
  }
}
