import { SluiceError } from '../errors.ts'

/** A failed write as an error that names the path and the fix. Keeps what already is a `SluiceError`. */
export function writeError(error: unknown, path: string): SluiceError {
  if (error instanceof SluiceError) return error
  const code = (error as NodeJS.ErrnoException)?.code ?? ''
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new SluiceError(full ? 'disk-full' : 'target-not-writable', `Cannot write ${path}: ${reason(code, error)}`, {
    context: { path },
    retryable: full,
    cause: error,
  })
}

/** Does a piece of work on `path`; what fails is thrown as `writeError` words it. */
export async function writing<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw writeError(error, path)
  }
}

function reason(code: string, error: unknown): string {
  switch (code) {
    case 'ENOSPC':
      return 'no space is left on the device; free some or choose another place.'
    case 'EDQUOT':
      return 'the disk quota is used up; free some space or choose another place.'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied; change its permissions or owner, or choose another place.'
    case 'EROFS':
      return 'the file system is read-only; choose another place.'
    case 'ENOTDIR':
      return 'a part of the path is a file, not a directory; choose another path.'
    case 'ENAMETOOLONG':
      return 'the name is too long for the file system; choose a shorter one.'
    case 'ELOOP':
      return 'its symbolic links form a loop; remove one of them.'
    case 'ENOENT':
      return 'a directory of the path does not exist or vanished; create it and run again.'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
