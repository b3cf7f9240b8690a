import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version of this package. */
export const VERSION: string = typeof BUNDLED_VERSION === 'string' ? BUNDLED_VERSION : ofPackage()

function ofPackage(): string {
  return JSON.parse(readFileSync(findPackageJSON(import.meta.url) as string, 'utf8')).version
}
