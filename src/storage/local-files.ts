import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { SluiceError } from '../errors.ts'
import { readError } from './read-error.ts'

/** What a local input was when somebody looked. */
export interface FileIdentity {
  readonly source: string
  readonly bytes: number
  readonly mtimeNs: string
  readonly file: string
}

/** The file itself, or the visible files of a directory in the order of their names (by code unit). */
export async function listFiles(path: string): Promise<readonly string[]> {
  const stats = await look(path)
  if (!stats.isDirectory()) return [path]
  const names = (await list(path)).filter((name) => !/^[._]/.test(name)).sort()
  const files: string[] = []
  for (const name of names) if ((await look(join(path, name))).isFile()) files.push(join(path, name))
  if (files.length === 0) throw new SluiceError('source-not-found', `The directory ${resolve(path)} holds no files.`)
  return files
}

/** Throws `source-not-found`. */
export async function identify(path: string): Promise<FileIdentity> {
  const { dev, ino, size, mtimeNs } = await look(path)
  return { source: path, bytes: Number(size), mtimeNs: String(mtimeNs), file: `${dev}:${ino}` }
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    throw readError(error, resolve(path), 'source-not-found')
  }
}

async function look(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    throw readError(error, resolve(path), 'source-not-found')
  }
}
