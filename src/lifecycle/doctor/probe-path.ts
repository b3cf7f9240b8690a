import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Looked, Use } from './finding.ts'

/** A path of the local file system. What will be written need not be there, but must be possible. */
export async function probePath({ location, need }: Use): Promise<Looked> {
  const path = resolve(location)
  const there = statSync(path, { throwIfNoEntry: false })
  if (need === 'read') return there === undefined ? absent() : allowed(path, constants.R_OK, 'readable')
  if (there?.isFile() && need === 'append') return allowed(path, constants.W_OK, 'writable')
  if (there?.isDirectory() && need === 'append') {
    if (!location.endsWith('/')) return { status: 'failed', detail: 'is a directory', fix: 'Name a file.' }
    return allowed(path, constants.W_OK | constants.X_OK, 'writable')
  }
  // What replaces it is made beside it.
  const room = firstThere(dirname(path))
  const looked = allowed(room, constants.W_OK | constants.X_OK, there === undefined ? 'will be made' : 'writable')
  return looked.status === 'ok' || room === path ? looked : { ...looked, detail: `${room} is ${looked.detail}` }
}

/** The directory, or the nearest one above it that is there. */
export function firstThere(path: string): string {
  const parent = dirname(path)
  return parent === path || statSync(path, { throwIfNoEntry: false }) !== undefined ? path : firstThere(parent)
}

function absent(): Looked {
  return { status: 'failed', detail: 'does not exist', fix: 'Check the path and the working directory.' }
}

function allowed(path: string, mode: number, done: string): Looked {
  try {
    accessSync(path, mode)
    return { status: 'ok', detail: done }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EROFS') return { status: 'failed', detail: 'read-only', fix: 'Choose another place.' }
    return { status: 'failed', detail: `not ${done} (${code})`, fix: 'Check its owner and its mode.' }
  }
}
