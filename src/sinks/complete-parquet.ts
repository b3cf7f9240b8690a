import { SluiceError } from '../errors.ts'
import { encodeFooter, type Footer, MAGIC } from '../parquet/footer.ts'
import { joinFooters } from '../parquet/join-footers.ts'
import type { TypeName } from '../records/data-type.ts'
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
  const all = parts as readonly ParquetPart[]
  const types = oneTypeEach(all)
  if (isDirectory(plan)) return alike(all, types).flatMap((part) => part.files)
  const files = all.flatMap((part) => part.files)
  if (files.length < 2) return files
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

export interface KnownType {
  readonly type: TypeName
  readonly split: number
}

/** The type of each column that has one, and a split that says so. Throws `transform-failed` where two differ. */
export function oneTypeEach(parts: readonly ParquetPart[]): ReadonlyMap<string, KnownType> {
  const known = new Map<string, KnownType>()
  for (const { split, types } of parts) {
    for (const [name, type] of Object.entries(types)) {
      const before = known.get(name)
      if (before === undefined) known.set(name, { type, split })
      else if (before.type !== type) {
        throw unlike(name, `is ${before.type} in split ${before.split} and ${type} in split ${split}`)
      }
    }
  }
  return known
}

/**
 * Readers take all files for one table, but a column without values was written as text. A part without rows that differs
 * in nothing else is not published; others are refused.
 */
function alike(parts: readonly ParquetPart[], known: ReadonlyMap<string, KnownType>): readonly ParquetPart[] {
  return parts.filter(({ split, rows, columns, types }) => {
    const name = columns.find((column) => types[column] === undefined && isTyped(known.get(column)))
    if (name === undefined || rows === 0) return name === undefined
    const { type, split: other } = known.get(name) as KnownType
    throw unlike(name, `has no value in split ${split} and is ${type} in split ${other}`)
  })
}

function isTyped(known: KnownType | undefined): boolean {
  return known !== undefined && known.type !== 'string'
}

function unlike(name: string, how: string): SluiceError {
  return new SluiceError(
    'transform-failed',
    `The column ${name} ${how}. A column of Parquet has one type: \`cast\` it.`,
    { context: { column: name } },
  )
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
