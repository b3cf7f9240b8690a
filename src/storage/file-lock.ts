import { accessSync, closeSync, constants, futimesSync, lstatSync, openSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { SluiceError } from '../errors.ts'
import { writeError } from './write-error.ts'

/**
 * An exclusive lock that the operating system drops when the process dies, however it dies.
 *
 * SQLite is used for its file locks only: it takes them with fcntl and keeps track of them within the
 * process, where plain fcntl locks would let a second opener in. The file stays empty.
 */
export interface FileLock extends Disposable {
  readonly path: string
  /** Removes the lock file while the lock is still held, then lets go. Idempotent. */
  release(): void
}

const SQLITE_BUSY = 5
const POLL_MS = 10

/** Takes the lock, or returns undefined when somebody alive holds it. Throws when the path cannot be written. */
export function tryLock(path: string): FileLock | undefined {
  for (;;) {
    const expected = identity(path) ?? create(path)
    const database = expected === undefined ? 'vanished' : lockDatabase(path, expected)
    if (database === 'busy') return undefined
    if (database === 'vanished') continue
    // The holder before us may have removed the file between our look and our lock: then we hold a lock
    // on a file that nobody else can find, which excludes nobody.
    if (identity(path) === expected) return held(path, database)
    database.close()
  }
}

/** Waits for the lock. Throws `target-locked` after `timeoutMs`, or the signal's reason. */
export async function lock(
  path: string,
  { timeoutMs = 30_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<FileLock> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const taken = tryLock(path)
    if (taken !== undefined) return taken
    if (performance.now() >= deadline) {
      throw new SluiceError('target-locked', `Another process has held ${path} for ${timeoutMs} ms; wait for it.`, {
        context: { path },
        retryable: true,
      })
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS))
  }
}

/**
 * Creates the lock file with a random modification time, so that inode and time together name this very
 * file: inode numbers are used again at once and birth times repeat within a clock tick.
 * This is the only place that opens the file itself, and only when it is new: closing any descriptor of a
 * locked file would drop the process's locks on it.
 */
function create(path: string): string | undefined {
  try {
    const fd = openSync(path, 'wx', 0o600)
    const time = 1 + Math.random() * 2 ** 31
    futimesSync(fd, time, time)
    closeSync(fd)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(error, dirname(path))
  }
  return identity(path)
}

function identity(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}:${stat.mtimeNs}`
}

function lockDatabase(path: string, expected: string): DatabaseSync | 'busy' | 'vanished' {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const url = pathToFileURL(path)
  // Open what is there, never create: a file that SQLite made would lack the random time.
  url.searchParams.set('mode', 'rw')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(url, { timeout: 0 })
    // Without the pragma SQLite would put a rollback journal beside the file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return 'busy'
    // Whatever went wrong with a file that has gone or was replaced is no reason to give up.
    if (identity(path) !== expected) return 'vanished'
    if (!mayOpen(path)) return 'busy'
    throw new SluiceError('target-not-writable', `Cannot lock ${path}: remove the file if no run is alive.`, {
      context: { path },
      cause: error,
    })
  }
}

/** False for the lock of another user's run, which is as good as taken. */
function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function held(path: string, database: DatabaseSync): FileLock {
  let free = false
  const release = () => {
    if (free) return
    free = true
    try {
      unlinkSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    } finally {
      database.close()
    }
  }
  return { path, release, [Symbol.dispose]: release }
}
