import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../storage/durable.ts'
import type { JsonObject } from './json.ts'
import type { StateDirectory } from './state-directory.ts'

/** Every audit record says at least this. The rest comes from the run's drafts. */
export interface AuditRecord extends JsonObject {
  readonly run_id: string
  readonly job: string
  readonly status: string
  readonly started_at: string
  readonly settled_at: string
  /** True when another process finished or undid the run. */
  readonly recovered: boolean
}

/**
 * Writes the one record of a run, durably. Repeating it for the same attempt replaces it; the record of an
 * earlier attempt with the same run id is put aside, never overwritten.
 */
export function writeAudit(state: StateDirectory, record: AuditRecord): string {
  const path = join(state.audit, `${record.run_id}.json`)
  const earlier = startOf(path)
  if (earlier !== undefined && earlier !== record.started_at) {
    renameSync(path, join(state.audit, `${record.run_id}.${earlier.replace(/[^0-9A-Za-z]/g, '')}.json`))
  }
  writeDurably(path, `${JSON.stringify(record, undefined, 2)}\n`)
  return path
}

function startOf(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as AuditRecord).started_at
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
