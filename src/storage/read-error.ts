import { type ErrorCode, SluiceError } from '../errors.ts'

/** A failed read as an error that names the path and the fix. Keeps what already is a `SluiceError`. */
export function readError(error: unknown, path: string, code: ErrorCode): SluiceError {
  if (error instanceof SluiceError) return error
  const message = `Cannot read ${path}: ${reason(error as NodeJS.ErrnoException | undefined)}`
  return new SluiceError(code, message, { context: { path }, cause: error })
}

function reason(error: NodeJS.ErrnoException | undefined): string {
  switch (error?.code) {
    case 'ENOENT':
      return 'it does not exist. Check the path.'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied; change its permissions or owner, or run as another user.'
    case 'ENOTDIR':
      return 'a part of the path is a file, not a directory; check the path.'
    case 'ELOOP':
      return 'its symbolic links form a loop; remove one of them.'
    case 'ENAMETOOLONG':
      return 'the name is too long for the file system; check the path.'
    case 'EISDIR':
      return 'it is a directory; name a file.'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit (ulimit -n).'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
