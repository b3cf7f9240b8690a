import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version of this package. */
export const VERSION: string = JSON.parse(readFileSync(findPackageJSON(import.meta.url) as string, 'utf8')).version
