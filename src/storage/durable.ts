import {
  closeSync,
  fdatasyncSync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** Resolves when the file's bytes and metadata are on the medium. Off the main thread: it may take seconds. */
export async function syncFile(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    await new Promise<void>((done, failed) => fsync(fd, (error) => (error ? failed(error) : done())))
  } finally {
    closeSync(fd)
  }
}

/** Makes names created, renamed or removed in a directory survive a power cut. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Replaces a small file: a reader, and a power cut, see the old content or the new. Repeating it is harmless. */
export function writeDurably(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.tmp`
  writeNew(temporary, content, { flag: 'w', mode })
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

/** Creates a small file that must not exist yet (EEXIST). A kill may leave it torn, never a power cut after return. */
export function createDurably(path: string, content: string | Uint8Array, mode = 0o600): void {
  writeNew(path, content, { flag: 'wx', mode })
  syncDirectory(dirname(path))
}

/**
 * Creates a directory and its missing parents, durably. An existing directory is left as it is. One level at a
 * time, because a recursive `mkdir` reports a read-only disk as ENOENT.
 */
export function makeDirectories(path: string, mode = 0o777): void {
  for (let attempt = 1; ; attempt++) {
    try {
      makeEach(path, mode)
      return
    } catch (error) {
      // Another run took away an empty parent, which it had made for nothing.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === ATTEMPTS) throw error
    }
  }
}

const ATTEMPTS = 20

function makeEach(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const parent = dirname(path)
  if (parent !== path) makeEach(parent, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(path).isDirectory()) return
    throw error
  }
  syncDirectory(parent)
}

/** Writes all bytes at a position; `writeSync` alone may write fewer. */
export function writeFully(fd: number, bytes: Uint8Array, position: number | null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done)
  }
}

function writeNew(
  path: string,
  content: string | Uint8Array,
  { flag, mode }: { flag: 'w' | 'wx'; mode: number },
): void {
  const fd = openSync(path, flag, mode)
  try {
    writeFully(fd, Buffer.from(content), null)
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
