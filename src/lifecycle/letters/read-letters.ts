import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import { isSqs } from '../../storage/sqs/sqs-address.ts'
import type { DeadLetter } from '../../validation/dead-letter.ts'
import { letterLines } from './letter-lines.ts'
import type { LetterPointer } from './letter-message.ts'
import { lettersOfObjects } from './read-object-letters.ts'
import { lettersOfQueue } from './read-queue-letters.ts'

/** What stands where a letter could be and is none. */
export interface UnreadableLetter {
  readonly kind: 'unreadable'
  readonly id: string
  readonly raw: string
}

export type FoundLetter = DeadLetter | LetterPointer | UnreadableLetter

export interface FoundLetters {
  readonly letters: AsyncIterable<FoundLetter>
  /** For people: what they should know of what they see. */
  readonly notes: readonly string[]
}

export interface ReadOptions {
  /** How many letters are wanted at most. A queue gives no more; of all else the reader stops reading. */
  readonly most: number
}

/** Reads dead letters and leaves them where they are: a file, a directory, an object, a prefix or a queue. */
export async function readLetters(place: string, { most }: ReadOptions): Promise<FoundLetters> {
  if (isS3(place)) return { letters: parsed(lettersOfObjects(place), place), notes: [] }
  if (!isSqs(place)) return { letters: parsed(linesOfFiles(place), place), notes: [] }
  const { bodies, notes } = await lettersOfQueue(place, most)
  return { letters: parsed(bodies, place), notes }
}

async function* linesOfFiles(place: string): AsyncGenerator<string, void, void> {
  for (const path of filesAt(place)) {
    const { size } = statSync(path)
    for await (const { text } of letterLines({ path, from: 0, to: size })) yield text
  }
}

function filesAt(place: string): readonly string[] {
  const stat = statSync(place, { throwIfNoEntry: false })
  if (stat === undefined) throw new SluiceError('usage', `There is no file ${place}.`)
  if (!stat.isDirectory()) return [place]
  const names = globSync('*.jsonl', { cwd: place }).sort()
  return names.map((name) => join(place, name))
}

/** A torn line is the trace of a crash; the letter itself stands whole behind it. */
async function* parsed(
  lines: AsyncIterable<string> | Iterable<string>,
  place: string,
): AsyncGenerator<FoundLetter, void, void> {
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() !== '') yield letterOf(line) ?? { kind: 'unreadable', id: `${place}, line ${number}`, raw: line }
  }
}

function letterOf(line: string): FoundLetter | undefined {
  try {
    const letter = JSON.parse(line)
    return isLetter(letter) || isPointer(letter) ? letter : undefined
  } catch {
    return undefined
  }
}

/** What the others need is looked at; queues and files may hold what anybody wrote. */
function isLetter(value: Partial<DeadLetter> | null): boolean {
  const { id, run_id, errors, rejected_at } = value ?? {}
  return [id, run_id, rejected_at].every((text) => typeof text === 'string') && Array.isArray(errors)
}

function isPointer(value: Partial<LetterPointer> | null): boolean {
  const { kind, run_id, location } = value ?? {}
  return kind === 'pointer' && typeof run_id === 'string' && typeof location === 'string'
}
