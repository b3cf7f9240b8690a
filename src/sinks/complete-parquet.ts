import { SluiceError } from '../errors.ts'
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
  checkTypes(parts as readonly ParquetPart[])
  const files = (parts as readonly ParquetPart[]).flatMap((part) => part.files)
  if (isDirectory(plan) || files.length < 2) return files
  const { kept, footer } = await joinFiles(files)
  const split = Math.max(...files.map((file) => file.split)) + 1
  return [...kept, await stageFooter(target.partPath(plan, split), split, footer, resources)]
}

interface Joined {
  /** The files without what only one of them may have. */
  readonly kept: readonly StagedPart[]
  readonly footer: Buffer
}

async function joinFiles(files: readonly StagedPart[]): Promise<Joined> {
  const footers: Footer[] = []
  const kept: StagedPart[] = []
  const moved: number[] = []
  let offset = 0
  for (const file of files) {
    await using staged = await StagedParquet.open(file)
    const { footer, start } = await staged.footer()
    const head = kept.length === 0 ? 0 : MAGIC.length
    footers.push(footer)
    moved.push(offset - head)
    offset += start - head
    kept.push({ ...file, cut: [...(head === 0 ? [] : [[0, head] as const]), [start, file.bytes]] })
  }
  return { kept, footer: encodeFooter(joinFooters(footers, moved)) }
}

/** Readers take all files for one table. Throws `transform-failed`. */
export function checkTypes(parts: readonly ParquetPart[]): void {
  const known = new Map<string, { readonly type: string; readonly split: number }>()
  for (const { split, types } of parts) {
    for (const [name, type] of Object.entries(types)) {
      const before = known.get(name)
      if (before === undefined) known.set(name, { type, split })
      else if (before.type !== type) {
        throw new SluiceError(
          'transform-failed',
          `The column ${name} is ${before.type} in split ${before.split} and ${type} in split ${split}. A column of Parquet has one type: \`cast\` it.`,
          { context: { column: name } },
        )
      }
    }
  }
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
