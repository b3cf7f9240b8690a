import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, renameSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { makeDirectories, syncDirectory, syncFile, writeFully } from '../../storage/durable.ts'
import { type FileRange, putBytes, putFile } from '../../storage/s3/put-file.ts'
import { s3Error } from '../../storage/s3/s3-error.ts'
import { formatS3, isS3, parseS3 } from '../../storage/s3/s3-location.ts'
import { checkOverflow } from '../../storage/sqs/sqs-address.ts'
import type { OpenRun } from '../open-run.ts'
import type { StateDirectory } from '../state-directory.ts'
import { LETTERS_TYPE } from './put-letters.ts'

/** Keeps letters that a queue is not to have. Everything it does may be repeated. */
export interface Overflow {
  /** Returns where the one letter lies. Throws `dead-letters-undelivered` without a place on S3. */
  keepLetter(letter: { readonly id: string; readonly line: string; readonly most: number }): Promise<string>
  /** Returns where the letters of this part of the sealed file lie. */
  keepRest(range: FileRange): Promise<string>
}

/**
 * The place that the queue's address names, else `SLUICE_DEAD_LETTER_OVERFLOW`: so that an address which lacks it can be
 * helped when the run is over. Without either the rest of the letters goes to the state directory; if that lies on S3,
 * long letters do as well.
 */
export function overflowOf(run: OpenRun, ofAddress: string | undefined): Overflow {
  const place = namedOverflow(ofAddress) ?? remoteLetters(run.state)
  if (place !== undefined) checkOverflow(place)
  return {
    keepLetter: (letter) => keepLetter(run, letter, place),
    keepRest: (range) =>
      place !== undefined && isS3(place) ? putRest(run, range, place) : copyRest(run, range, place),
  }
}

/** Undefined where nobody names one. An empty variable is none. */
export function namedOverflow(ofAddress: string | undefined): string | undefined {
  return ofAddress ?? (process.env['SLUICE_DEAD_LETTER_OVERFLOW'] || undefined)
}

/** Undefined where they lie on this machine. */
function remoteLetters({ remote }: StateDirectory): string | undefined {
  return remote === undefined ? undefined : `${remote.address}dead-letters/`
}

async function keepLetter(
  { runId }: OpenRun,
  { id, line, most }: { readonly id: string; readonly line: string; readonly most: number },
  place: string | undefined,
): Promise<string> {
  if (place === undefined || !isS3(place)) throw homeless(id, Buffer.byteLength(line), most)
  const { bucket, key } = parseS3(place)
  const name = createHash('sha256').update(line).digest('hex').slice(0, 32)
  const object = { bucket, key: `${key}${runId}/${name}.jsonl` }
  try {
    await putBytes(object, Buffer.from(`${line}\n`), {
      contentType: LETTERS_TYPE,
      metadata: { 'sluice-run-id': runId },
    })
  } catch (error) {
    throw s3Error(error, 'dead-letters-undelivered', `Cannot write ${formatS3(object)}`)
  }
  return formatS3(object)
}

function homeless(id: string, bytes: number, most: number): SluiceError {
  return new SluiceError(
    'dead-letters-undelivered',
    `The letter ${id} has ${bytes} bytes and the queue takes ${most}. Name a place for long letters: ` +
      '?overflow=s3://bucket/prefix/ behind the address of the queue, or SLUICE_DEAD_LETTER_OVERFLOW for this run.',
  )
}

async function putRest(run: OpenRun, range: FileRange, place: string): Promise<string> {
  const { bucket, key } = parseS3(place)
  const object = { bucket, key: `${key}${restName(run)}` }
  try {
    await putFile(object, range, { contentType: LETTERS_TYPE, metadata: { 'sluice-run-id': run.runId } })
  } catch (error) {
    throw s3Error(error, 'dead-letters-undelivered', `Cannot write ${formatS3(object)}`)
  }
  return formatS3(object)
}

/** A file of its own, which appears whole. */
async function copyRest(run: OpenRun, range: FileRange, place: string | undefined): Promise<string> {
  const path = join(resolve(place ?? dirname(run.state.deadLetters(run.runId))), restName(run))
  makeDirectories(dirname(path), 0o700)
  const temporary = `${path}.tmp`
  copyRange(range, temporary)
  await syncFile(temporary)
  renameSync(temporary, path)
  syncDirectory(dirname(path))
  return path
}

/** An earlier attempt with the same run id keeps what it left. */
function restName(run: OpenRun): string {
  const stamp = (run.progress.begun?.startedAt ?? '').replace(/[^0-9A-Za-z]/g, '')
  return `${run.runId}.${stamp}.rest.jsonl`
}

function copyRange({ path, from, to }: FileRange, destination: string): void {
  const input = openSync(path, 'r')
  const output = openSync(destination, 'w', 0o600)
  const block = Buffer.allocUnsafe(BLOCK)
  try {
    for (let at = from; at < to; ) {
      const length = readSync(input, block, 0, Math.min(BLOCK, to - at), at)
      if (length === 0) throw new Error(`${path} was cut off at byte ${at} of ${to}`)
      writeFully(output, block.subarray(0, length), at - from)
      at += length
    }
  } finally {
    closeSync(output)
    closeSync(input)
  }
}

const BLOCK = 1 << 18
