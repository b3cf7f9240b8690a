import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { SluiceError } from '../errors.ts'
import { versionsPath } from './sibling.ts'

const MOST_LINKS = 40

/**
 * The absolute path where a target's bytes lie. Symbolic links are followed, so that a commit replaces the
 * file behind a link and the link stays; only the link of a versioned directory stands for itself.
 * Nothing of the path needs to exist.
 */
export function resolveLocation(location: string): string {
  let path = resolve(location)
  for (let links = 0; links < MOST_LINKS; links++) {
    path = join(realDirectory(dirname(path)), basename(path))
    const link = readLink(path)
    if (link === undefined || versionOf(path, link) !== undefined) return path
    path = resolve(dirname(path), link)
  }
  throw new SluiceError('target-not-writable', `${location} is a loop of symbolic links; remove one of them.`)
}

/** The run id that the link of a versioned directory names; undefined for whatever else is there. */
export function currentVersion(path: string): string | undefined {
  const link = readLink(path)
  return link === undefined ? undefined : versionOf(path, link)
}

/** What the link of a versioned directory says. Relative, so that the parent directory can be moved. */
export function versionLink(path: string, runId: string): string {
  return `${basename(versionsPath(path))}/${runId}`
}

function versionOf(path: string, link: string): string | undefined {
  const prefix = versionLink(path, '')
  const version = link.startsWith(prefix) ? link.slice(prefix.length).replace(/\/+$/, '') : ''
  return version === '' || version.includes('/') ? undefined : version
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    // EINVAL: no link. ENOTDIR is left to the caller's own look at the path, which words it for people.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** The real path of the ancestors that exist, with the names of those that do not. */
function realDirectory(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error
    return join(realDirectory(dirname(path)), basename(path))
  }
}
