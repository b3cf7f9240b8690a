import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { look } from './file-identity.ts'

/** Removes a directory whatever its mode: what is read-only may be emptied only by root, until its owner says otherwise. */
export function removeTree(path: string): void {
  makeWritable(path)
  rmSync(path, { recursive: true, force: true })
}

function makeWritable(path: string): void {
  const stat = look(path)
  if (stat === undefined || !stat.isDirectory()) return
  const mode = Number(stat.mode) & 0o7777
  if ((mode & OWNER) !== OWNER) chmodSync(path, mode | OWNER)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(path, entry.name))
  }
}

/** The owner may read, write and enter. */
const OWNER = 0o700
