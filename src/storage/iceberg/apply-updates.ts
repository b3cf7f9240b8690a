import { FIRST_PARTITION_ID } from './partition-spec.ts'
import type { Update } from './table-change.ts'
import { MAIN, type Snapshot, type SnapshotRef, snapshotById, type TableMetadata } from './table-metadata.ts'

/** The metadata that updates make of a table, or of nothing. Throws TypeError for updates that contradict it. */
export function applyUpdates(
  base: TableMetadata | undefined,
  updates: readonly Update[],
  now: number = Date.now(),
): TableMetadata {
  // Logs are in the order of time whatever the clocks of writers say.
  const at = Math.max(now, base?.['last-updated-ms'] ?? 0)
  const draft = updates.reduce((metadata, update) => applied(metadata, update, at), base ?? EMPTY)
  return { ...draft, 'last-updated-ms': at }
}

/** The log of metadata files, with the one that this metadata replaces. */
export function withPrevious(metadata: TableMetadata, base: TableMetadata, location: string): TableMetadata {
  const most = Number(metadata.properties?.['write.metadata.previous-versions-max'] ?? MOST_PREVIOUS)
  const log = [...(base['metadata-log'] ?? []), { 'timestamp-ms': base['last-updated-ms'], 'metadata-file': location }]
  return { ...metadata, 'metadata-log': log.slice(-Math.max(1, most)) }
}

const MOST_PREVIOUS = 100

const EMPTY: TableMetadata = {
  'format-version': 2,
  'table-uuid': '',
  location: '',
  'last-sequence-number': 0n,
  'last-updated-ms': 0,
  'last-column-id': 0,
  schemas: [],
  'current-schema-id': -1,
  'partition-specs': [],
  'default-spec-id': 0,
  'last-partition-id': FIRST_PARTITION_ID - 1,
  'sort-orders': [],
  'default-sort-order-id': 0,
  properties: {},
  'current-snapshot-id': -1n,
  snapshots: [],
  'snapshot-log': [],
  'metadata-log': [],
  refs: {},
}

function applied(metadata: TableMetadata, update: Update, at: number): TableMetadata {
  switch (update.action) {
    case 'assign-uuid':
      return { ...metadata, 'table-uuid': update.uuid }
    case 'upgrade-format-version':
      return update['format-version'] === 2 ? metadata : refuse('only format version 2 is written')
    case 'set-location':
      return { ...metadata, location: update.location }
    case 'set-properties':
      return { ...metadata, properties: { ...metadata.properties, ...update.updates } }
    case 'remove-properties': {
      const kept = Object.entries(metadata.properties ?? {}).filter(([key]) => !update.removals.includes(key))
      return { ...metadata, properties: Object.fromEntries(kept) }
    }
    case 'add-snapshot':
      return addSnapshot(metadata, update.snapshot)
    case 'set-snapshot-ref':
      return setRef(metadata, update['ref-name'], { 'snapshot-id': update['snapshot-id'], type: update.type }, at)
    case 'remove-snapshot-ref': {
      const { [update['ref-name']]: _, ...refs } = metadata.refs ?? {}
      return { ...metadata, refs }
    }
    default:
      return shaped(metadata, update)
  }
}

type Shaping = Extract<Update, { action: `${string}-schema` | `${string}-spec` | `${string}-order` }>

function shaped(metadata: TableMetadata, update: Shaping): TableMetadata {
  switch (update.action) {
    case 'add-schema': {
      const { schema } = update
      if (metadata.schemas.some((known) => known['schema-id'] === schema['schema-id'])) {
        return refuse(`there is a schema ${schema['schema-id']} already`)
      }
      const last = Math.max(metadata['last-column-id'], update['last-column-id'])
      return { ...metadata, schemas: [...metadata.schemas, schema], 'last-column-id': last }
    }
    case 'set-current-schema': {
      const id = update['schema-id'] === -1 ? metadata.schemas.at(-1)?.['schema-id'] : update['schema-id']
      if (!metadata.schemas.some((known) => known['schema-id'] === id)) return refuse(`there is no schema ${id}`)
      return { ...metadata, 'current-schema-id': id as number }
    }
    case 'add-spec': {
      const { spec } = update
      const specs = metadata['partition-specs']
      if (specs.some((known) => known['spec-id'] === spec['spec-id']))
        return refuse(`there is a spec ${spec['spec-id']}`)
      const last = Math.max(metadata['last-partition-id'], ...spec.fields.map((field) => field['field-id']))
      return { ...metadata, 'partition-specs': [...specs, spec], 'last-partition-id': last }
    }
    case 'set-default-spec': {
      const id = update['spec-id'] === -1 ? metadata['partition-specs'].at(-1)?.['spec-id'] : update['spec-id']
      return { ...metadata, 'default-spec-id': id as number }
    }
    case 'add-sort-order':
      return { ...metadata, 'sort-orders': [...metadata['sort-orders'], update['sort-order']] }
    case 'set-default-sort-order': {
      const { 'sort-order-id': wanted } = update
      const id = wanted === -1 ? metadata['sort-orders'].at(-1)?.['order-id'] : wanted
      return { ...metadata, 'default-sort-order-id': id as number }
    }
    default:
      return refuse(`the update ${(update as Update).action} is not known`)
  }
}

function addSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
  const { 'snapshot-id': id, 'sequence-number': number } = snapshot
  if (snapshotById(metadata, id) !== undefined) return refuse(`there is a snapshot ${id} already`)
  if (number <= metadata['last-sequence-number']) return refuse(`the sequence number ${number} is taken`)
  return { ...metadata, snapshots: [...(metadata.snapshots ?? []), snapshot], 'last-sequence-number': number }
}

function setRef(metadata: TableMetadata, name: string, ref: SnapshotRef, at: number): TableMetadata {
  const id = ref['snapshot-id']
  if (snapshotById(metadata, id) === undefined) return refuse(`there is no snapshot ${id}`)
  // What a branch keeps of its own, such as how long its snapshots live, stays.
  const next = { ...metadata, refs: { ...metadata.refs, [name]: { ...metadata.refs?.[name], ...ref } } }
  if (name !== MAIN || metadata['current-snapshot-id'] === id) return next
  const log = [...(metadata['snapshot-log'] ?? []), { 'timestamp-ms': at, 'snapshot-id': id }]
  return { ...next, 'current-snapshot-id': id, 'snapshot-log': log }
}

function refuse(why: string): never {
  throw new TypeError(why)
}
