import type { Requirement } from './table-change.ts'
import { snapshotOfRef, type TableMetadata } from './table-metadata.ts'

/** What does not hold of a table; undefined when all does. A table that is not there is undefined. */
export function unmetRequirement(
  metadata: TableMetadata | undefined,
  requirements: readonly Requirement[],
): string | undefined {
  for (const requirement of requirements) {
    const unmet = unmetOf(metadata, requirement)
    if (unmet !== undefined) return unmet
  }
  return undefined
}

function unmetOf(metadata: TableMetadata | undefined, requirement: Requirement): string | undefined {
  if (requirement.type === 'assert-create') return metadata === undefined ? undefined : 'the table exists already'
  if (metadata === undefined) return 'the table does not exist'
  const unless = (holds: boolean, what: string) => (holds ? undefined : what)
  switch (requirement.type) {
    case 'assert-table-uuid':
      return unless(metadata['table-uuid'] === requirement.uuid, 'the table is another one of the same name')
    case 'assert-ref-snapshot-id': {
      const now = snapshotOfRef(metadata, requirement.ref)?.['snapshot-id'] ?? null
      return unless(now === requirement['snapshot-id'], `${requirement.ref} is at ${now ?? 'no snapshot'}`)
    }
    case 'assert-current-schema-id':
      return unless(metadata['current-schema-id'] === requirement['current-schema-id'], 'the schema has changed')
    case 'assert-last-assigned-field-id':
      return unless(metadata['last-column-id'] === requirement['last-assigned-field-id'], 'columns were added')
    case 'assert-default-spec-id':
      return unless(metadata['default-spec-id'] === requirement['default-spec-id'], 'the partitioning has changed')
    case 'assert-last-assigned-partition-id':
      return unless(
        metadata['last-partition-id'] === requirement['last-assigned-partition-id'],
        'partitions were added',
      )
    case 'assert-default-sort-order-id':
      return unless(
        metadata['default-sort-order-id'] === requirement['default-sort-order-id'],
        'the sort order has changed',
      )
    default:
      throw new TypeError(`the requirement ${(requirement as { type: string }).type} is not known`)
  }
}
