import { SluiceError } from '../errors.ts'

/** The path, for what can only lie in the local file system. Throws `config-invalid` for an address. */
export function localPath(what: string, location: string): string {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//.exec(location) ?? []
  if (scheme === undefined) return location
  throw new SluiceError(
    'config-invalid',
    `${what} cannot be ${location}: this version needs a path for it, not a place of ${scheme}.`,
  )
}
