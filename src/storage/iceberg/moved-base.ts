import { widens } from './evolve-schema.ts'
import { movedBookmark } from './noted-bookmark.ts'
import type { TableCommit } from './table-commit.ts'
import { currentSchema, MAIN, snapshotOfRef, type TableMetadata } from './table-metadata.ts'

/**
 * Why a commit must not be made upon what a table is now; undefined when it may. Rows may be appended to whatever others
 * have written meanwhile. To replace what nobody here has seen would lose it.
 */
export function movedBase(commit: TableCommit, now: TableMetadata | undefined): string | undefined {
  const { base, mode, create } = commit
  const read = movedBookmark(commit.bookmark, now)
  if (read !== undefined) return read
  if (base === null) {
    if (now === undefined) return create?.created ? 'the table is gone' : undefined
    const own = create?.created && now['table-uuid'] === create.uuid
    return own && headOf(commit, now) === null ? undefined : 'somebody else created the table'
  }
  if (now === undefined) return 'the table is gone'
  if (now['table-uuid'] !== base.uuid) return 'the table was replaced by another one of its name'
  const replaces = mode === 'overwrite' || mode === 'createOrReplace'
  if (replaces && headOf(commit, now) !== base.snapshotId) return 'somebody else wrote to the table since the run began'
  const { schema, spec } = commit
  const taken =
    (schema['schema-id'] !== base.schemaId && now.schemas.some((one) => one['schema-id'] === schema['schema-id'])) ||
    (spec['spec-id'] !== base.specId && now['partition-specs'].some((one) => one['spec-id'] === spec['spec-id']))
  // The number that ours was to have.
  if (taken) return MOVED_SCHEMA
  return now['current-schema-id'] === base.schemaId ? undefined : movedSchema(commit, now)
}

function headOf({ branch }: TableCommit, now: TableMetadata): string | null {
  const head = snapshotOfRef(now, branch) ?? snapshotOfRef(now, MAIN)
  return head === undefined ? null : String(head['snapshot-id'])
}

/** Files stay readable while columns are added and widened. */
function movedSchema({ schema, base }: TableCommit, now: TableMetadata): string | undefined {
  if (schema['schema-id'] !== base?.schemaId) return MOVED_SCHEMA
  const known = new Map(schema.fields.map((field) => [field.id, field]))
  const fits = currentSchema(now).fields.every((field) => {
    const written = known.get(field.id)
    if (written === undefined) return !field.required
    const same = JSON.stringify(written.type) === JSON.stringify(field.type)
    return (same || widens(written.type, field.type)) && (written.required || !field.required)
  })
  const kept = schema.fields.every(({ id }) => currentSchema(now).fields.some((field) => field.id === id))
  return fits && kept ? undefined : MOVED_SCHEMA
}

const MOVED_SCHEMA = 'somebody else changed the columns or partitions of the table since the run began'
