import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { placeOf } from './table-files.ts'

/** The local folders above a place that are not there, the lowest first: what makes them for nothing takes them away again. */
export function missingFolders(location: string): readonly string[] {
  const place = placeOf(location)
  return 'local' in place ? missingAbove(place.local) : []
}

function missingAbove(path: string): readonly string[] {
  const parent = dirname(path)
  return existsSync(parent) ? [] : [parent, ...missingAbove(parent)]
}
