import { SluiceError } from '../../errors.ts'
import { formatType } from '../../records/data-type.ts'
import type { Field } from '../../records/schema.ts'
import type { DataFile, StagedFiles } from '../../storage/iceberg/data-file.ts'
import type { IcebergPlan } from '../../storage/iceberg/iceberg-plan.ts'
import { publishDataFile } from '../../storage/iceberg/stage-data-files.ts'
import { writeLayout } from '../../storage/iceberg/write-layout.ts'
import type { StagedPart } from '../../storage/target.ts'
import type { WriteResources } from '../sink.ts'
import { type DataFileFormat, DataFiles } from './data-file-writer.ts'
import { readSpilled } from './read-spilled.ts'
import type { Spilled } from './spill-files.ts'
import { dataOutput, fileNames, type IcebergPart } from './stage-iceberg.ts'
import { tableLayout } from './table-layout.ts'
import { UnderWay } from './under-way.ts'

type Waiting = Omit<Spilled, 'bucket'>

/** Writes what waits in scratch, of all splits together, to data files: no row will be taken out any more. */
export async function completeIceberg(
  plan: IcebergPlan,
  parts: readonly IcebergPart[],
  format: DataFileFormat,
  { pool, io, context }: WriteResources,
): Promise<readonly StagedPart[]> {
  const fields = commonFields(parts)
  await publish(plan, parts)
  const done = parts.map((part): StagedPart => ({ ...part, staged: { ...part.staged, fields } satisfies StagedFiles }))
  const held = parts.flatMap((part) => part.held ?? [])
  const buckets = byBucket(parts.flatMap((part) => part.spilled))
  if (held.length === 0 && buckets.length === 0) return done
  const layout = tableLayout(writeLayout(plan, fields))
  const made = new DataFiles({ plan, layout, format, pool, io, nextName: fileNames('grouped') })
  const scratch = `${context.scratch}/spilled/grouped`
  const files: DataFile[] = []
  try {
    if (held.length > 0) files.push(...(await divide(held, made, scratch, 0)))
    for (const bucket of buckets) files.push(...(await divide(bucket, made, scratch, 1)))
  } finally {
    await made.close()
  }
  const split = Math.max(...parts.map((part) => part.split)) + 1
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const rows = files.reduce((sum, file) => sum + file.records, 0)
  return [...done, { split, path: '', sha256: '', bytes, rows, staged: { fields, files } }]
}

/** Data files that had to wait for the verdict on their last rows. */
async function publish(plan: IcebergPlan, parts: readonly IcebergPart[]): Promise<void> {
  const files = parts.filter(({ unpublished }) => unpublished !== undefined).flatMap((part) => part.staged.files)
  const publishing = new UnderWay(8)
  try {
    for (const file of files) await publishing.add(() => publishDataFile(plan, file))
    await publishing.all()
  } finally {
    await publishing.idle()
  }
}

/** What again finds no file is divided once more: each time there are fewer partitions. */
async function divide(
  waiting: readonly Waiting[],
  made: DataFiles,
  scratch: string,
  depth: number,
): Promise<DataFile[]> {
  const output = dataOutput(made, `${scratch}-${depth}`, depth)
  try {
    for (const file of waiting) {
      for await (const batch of readSpilled(file, made.place.layout, made.place.pool)) await output.write(batch)
    }
    const { files, spilled } = await output.end()
    const all = [...files]
    for (const bucket of byBucket(spilled)) all.push(...(await divide(bucket, made, scratch, depth + 1)))
    return all
  } finally {
    await output.close()
  }
}

function byBucket(spilled: readonly Spilled[]): readonly (readonly Waiting[])[] {
  return [...Map.groupBy(spilled, ({ bucket }) => bucket).values()]
}

/** The columns of all splits; one without rows does not know all types, and takes them from the others. */
function commonFields(parts: readonly IcebergPart[]): readonly Field[] {
  const [first, ...others] = parts.filter(({ rows }) => rows > 0)
  const { fields } = (first ?? parts[0])?.staged ?? { fields: [] }
  for (const other of others) checkSame(fields, other.staged.fields)
  return fields
}

function checkSame(fields: readonly Field[], others: readonly Field[]): void {
  for (const [index, field] of fields.entries()) {
    const other = others[index]
    if (JSON.stringify(field) === JSON.stringify(other)) continue
    const [a, b] = [field, other].map((one) => `${one?.name} ${one?.type === undefined ? '' : formatType(one.type)}`)
    throw new SluiceError(
      'transform-failed',
      `The inputs have columns of different types: ${a}, and ${b}. A column of a table has one type: \`cast\` it.`,
      { context: { column: field.name } },
    )
  }
}
