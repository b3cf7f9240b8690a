import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '../storage/durable.ts'
import type { RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import type { StateDirectory } from './state-directory.ts'

/** What became of a run id. The report is what a repeated run of the same id returns. */
export interface LedgerEntry {
  readonly run_id: string
  readonly job: string
  readonly fingerprint: string | null
  readonly status: RunStatus
  readonly started_at: string
  readonly settled_at: string
  readonly report: JsonObject
}

/**
 * Replaces the entry of the run id, durably; but that of a committed run stays, lest the id commit twice. Returns its path. A later
 * attempt comes this far only when its input could not be read.
 */
export function writeLedger(state: StateDirectory, entry: LedgerEntry): string {
  const path = entryPath(state, entry.run_id)
  const stays = entry.status !== 'committed' && readLedger(state, entry.run_id)?.status === 'committed'
  if (!stays) writeDurably(path, `${JSON.stringify(entry)}\n`)
  return path
}

/** Undefined when no run of this id was settled, or when it was pruned since. */
export function readLedger(state: StateDirectory, runId: string): LedgerEntry | undefined {
  try {
    return JSON.parse(readFileSync(entryPath(state, runId), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** All entries, the latest run first. */
export function listLedger(state: StateDirectory): LedgerEntry[] {
  return ledgerIds(state)
    .map((runId) => readLedger(state, runId))
    .filter((entry) => entry !== undefined)
    .sort((a, b) => (a.started_at < b.started_at ? 1 : -1))
}

export function ledgerIds(state: StateDirectory): string[] {
  try {
    return readdirSync(state.ledger)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export function removeLedger(state: StateDirectory, runId: string): void {
  rmSync(entryPath(state, runId), { force: true })
}

function entryPath(state: StateDirectory, runId: string): string {
  return join(state.ledger, `${runId}.json`)
}
