import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { crashPoint } from '../storage/crash-point.ts'
import { makeDirectories, syncDirectory, writeFully } from '../storage/durable.ts'
import { lock } from '../storage/file-lock.ts'
import { resolveLocation } from '../storage/location.ts'
import { lockPath } from '../storage/sibling.ts'
import { writeError } from '../storage/write-error.ts'
import type { SealedLetters } from './journal-record.ts'
import type { OpenRun } from './open-run.ts'

const BLOCK = 1 << 18
const NEWLINE = 0x0a

/**
 * Appends a run's sealed dead letters to a file, which may hold those of other runs: they stay. Where the
 * append begins is journaled first, so a repetition after a crash goes on where the bytes end, or finds that
 * all are there. If somebody else appended behind a torn delivery, all letters come once more at the end, and
 * the torn line stays: at least once, never lost. What was delivered and then taken away is not delivered again.
 * Throws `dead-letters-undelivered`.
 */
export async function deliverLetters(
  run: OpenRun,
  sealed: SealedLetters,
  destination: string,
  log: Logger,
): Promise<void> {
  try {
    const path = resolveLocation(destination)
    makeDirectories(dirname(path), 0o700)
    using _held = await lock(lockPath(path))
    if (wasMoved(run, sealed)) warnIfTaken(sealed, path, log)
    else append(run, sealed, path)
  } catch (error) {
    throw undelivered(error, sealed, destination)
  }
  crashPoint('letters-appended')
  run.record({ type: 'letters-delivered', path: destination, letters: sealed.letters })
  await run.publish()
  crashPoint('letters-journaled')
}

/**
 * True when a delivery that a crash cut short had moved the letters already: they were durable under their name before
 * the run was decided, and nothing but the move takes them away.
 */
function wasMoved(run: OpenRun, sealed: SealedLetters): boolean {
  return run.progress.lettersFrom === 0 && !existsSync(sealed.path)
}

/** Whoever processes dead letters may have been faster than the recovery. */
function warnIfTaken({ letters, bytes }: SealedLetters, path: string, log: Logger): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes) return
  log.warn({ path, letters }, 'the dead letters were delivered, and somebody took them away since')
}

function append(run: OpenRun, sealed: SealedLetters, path: string): void {
  checkSealed(sealed)
  const fresh = !existsSync(path)
  if (fresh && move(run, sealed, path)) return
  const input = openSync(sealed.path, 'r')
  // Neither truncating nor O_APPEND: a repetition looks at and continues what is there.
  const output = openSync(path, fresh ? 'wx+' : 'r+', 0o600)
  try {
    const from = run.progress.lettersFrom
    const there = from === undefined ? undefined : delivered(input, output, from)
    if (from === undefined || there === undefined) copy(input, output, { from: 0, to: begin(run, output, path) })
    else copy(input, output, { from: there, to: from + there })
    fsyncSync(output)
  } finally {
    closeSync(output)
    closeSync(input)
  }
  if (fresh) syncDirectory(dirname(path))
}

/** Letters that come first in their file become that file. False when it lies on another file system. */
function move(run: OpenRun, sealed: SealedLetters, path: string): boolean {
  if (run.progress.lettersFrom === undefined) run.record({ type: 'letters-started', path, from: 0 })
  crashPoint('letters-started')
  try {
    chmodSync(sealed.path, 0o600)
    renameSync(sealed.path, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false
    throw error
  }
  syncDirectory(dirname(path))
  return true
}

/** Journals where the letters will begin: behind the last whole line. */
function begin(run: OpenRun, output: number, path: string): number {
  let end = fstatSync(output).size
  const last = Buffer.alloc(1)
  if (end > 0 && readSync(output, last, 0, 1, end - 1) === 1 && last[0] !== NEWLINE) {
    end += 1
    writeFully(output, Buffer.of(NEWLINE), end - 1)
  }
  run.record({ type: 'letters-started', path, from: end })
  crashPoint('letters-started')
  return end
}

/** How many bytes of an earlier delivery are there; undefined when something else stands in their place. */
function delivered(input: number, output: number, from: number): number | undefined {
  const room = fstatSync(output).size - from
  if (room < 0) return undefined
  const wanted = Buffer.allocUnsafe(BLOCK)
  const found = Buffer.allocUnsafe(BLOCK)
  for (let at = 0; ; ) {
    const length = readSync(input, wanted, 0, BLOCK, at)
    if (length === 0) return at
    const same = readSync(output, found, 0, length, from + at)
    if (!wanted.subarray(0, same).equals(found.subarray(0, same))) return undefined
    at += same
    if (same < length) return at
  }
}

function copy(input: number, output: number, { from, to }: { from: number; to: number }): void {
  const block = Buffer.allocUnsafe(BLOCK)
  for (let at = 0; ; ) {
    const length = readSync(input, block, 0, BLOCK, from + at)
    if (length === 0) return
    writeFully(output, block.subarray(0, length), to + at)
    at += length
  }
}

function checkSealed({ path, bytes }: SealedLetters): void {
  const size = statSync(path).size
  if (size !== bytes) throw new Error(`the sealed letters in ${path} have ${size} bytes, not ${bytes}`)
}

export function undelivered(error: unknown, sealed: SealedLetters, path: string): SluiceError {
  const why = (error as NodeJS.ErrnoException).code === undefined ? error : writeError(error, path)
  return new SluiceError(
    'dead-letters-undelivered',
    `${sealed.letters} dead ${sealed.letters === 1 ? 'letter waits' : 'letters wait'} in ${sealed.path}: ${(why as Error).message} Then run \`sluice recover\`.`,
    { context: { path }, retryable: true, cause: error },
  )
}
