import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SluiceError } from '../../errors.ts'
import { checkJob, type Job } from '../../lifecycle/job.ts'
import { readError } from '../../storage/read-error.ts'
import { explainImport } from './explain-import.ts'
import { shareLibrary } from './share-library.ts'

export interface LoadedJob {
  readonly job: Job
  /** SHA-256 of the job file. */
  readonly code: string
}

/** What Node.js runs as it is. */
export const JOB_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']

/** The job that a file exports as default. Throws `job-not-found`, `job-not-loadable` or `job-invalid`. */
export async function loadJob(location: string): Promise<LoadedJob> {
  const path = resolve(location)
  const text = readJobFile(path, location)
  checkExtension(path, location)
  shareLibrary()
  const module = await importJob(path)
  return { job: defaultJob(module, location), code: createHash('sha256').update(text).digest('hex') }
}

function readJobFile(path: string, location: string): Buffer {
  try {
    if (statSync(path).isDirectory()) throw notFound(location, 'is a directory; name the job file in it')
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof SluiceError) throw error
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw notFound(location, `does not exist (looked in ${process.cwd()}); check the path`, error)
    }
    throw readError(error, `the job file ${location}`, 'job-not-loadable')
  }
}

function checkExtension(path: string, location: string): void {
  if (JOB_EXTENSIONS.includes(extname(path))) return
  const fix = 'to load a file of rows without one, use `sluice load <from> <to>`'
  throw new SluiceError(
    'job-not-loadable',
    `${location} is no job file: it must end with ${JOB_EXTENSIONS.join(', ')}; ${fix}.`,
    { context: { path } },
  )
}

async function importJob(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    throw explainImport(error, path)
  }
}

function defaultJob(module: Readonly<Record<string, unknown>>, location: string): Job {
  const job = module['default']
  if (job === undefined || isEmpty(job)) throw new SluiceError('job-invalid', `${location} ${missingDefault(module)}`)
  try {
    checkJob(job)
    return job
  } catch (error) {
    throw new SluiceError('job-invalid', `${location}: ${(error as Error).message}`, { cause: error })
  }
}

/** What an empty file exports. */
function isEmpty(job: unknown): boolean {
  return typeof job === 'object' && job !== null && Object.keys(job).length === 0
}

function missingDefault(module: Readonly<Record<string, unknown>>): string {
  const name = Object.keys(module).find((key) => key !== 'default' && key !== 'module.exports')
  const fix =
    name === undefined
      ? 'write `export default defineJob({ … })`'
      : `it exports ${name}: if that is the job, write \`export default ${name}\``
  return `has no default export; ${fix}.`
}

function notFound(location: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('job-not-found', `The job file ${location} ${why}.`, { context: { path: location }, cause })
}
