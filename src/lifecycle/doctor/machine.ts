import { statfsSync, statSync } from 'node:fs'
import { probeS3 } from '../../storage/s3/probe-s3.ts'
import type { StateDirectory } from '../state-directory.ts'
import type { Looked } from './finding.ts'
import { firstThere, probePath } from './probe-path.ts'

/** What `package.json` asks for. */
export function nodeVersion(version: string = process.versions.node): Looked {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return { status: 'ok', detail: 'new enough' }
  return { status: 'failed', detail: 'too old', fix: 'Install Node.js 22.18 or later.' }
}

/** The state directory holds dead letters, thus rows: it is its owner's alone. */
export async function lookAtState({ path, address, remote }: StateDirectory): Promise<Looked> {
  if (remote !== undefined) return { status: 'ok', detail: await probeS3(address, false) }
  const there = statSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isDirectory()) {
    return { status: 'failed', detail: 'no directory', fix: 'Choose another one with --state or SLUICE_STATE.' }
  }
  const looked = await probePath({ subject: 'state', location: `${path}/`, need: 'append' })
  if (there === undefined || looked.status !== 'ok') return looked
  if ((there.mode & 0o077) === 0) return { status: 'ok', detail: 'writable, and its owner’s alone' }
  const mode = (there.mode & 0o777).toString(8).padStart(4, '0')
  return { status: 'warning', detail: `others may look into it (mode ${mode})`, fix: `Run chmod 700 ${path}.` }
}

/** Where a run keeps its journal, what it spills and, beside the target, what it stages. */
export function freeSpace(path: string): Looked {
  const { bavail, bsize } = statfsSync(firstThere(path))
  const free = bavail * bsize
  const detail = `${(free / 1e9).toPrecision(3)} GB free`
  const fix = 'Make room: a run needs some for what it spills.'
  if (free < LEAST) return { status: 'failed', detail, fix }
  return free < ENOUGH ? { status: 'warning', detail, fix } : { status: 'ok', detail }
}

/** Less than this, and the journal of a run can hardly be reserved. */
const LEAST = 16e6
const ENOUGH = 1e9
