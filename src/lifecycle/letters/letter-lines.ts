import { open } from 'node:fs/promises'
import type { FileRange } from '../../storage/s3/put-file.ts'

export interface LetterLine {
  /** Without the line end. */
  readonly text: string
  /** The byte behind the line end. */
  readonly end: number
}

/** The lines of a file of letters. Memory: one block, and the longest line. */
export async function* letterLines({ path, from, to }: FileRange): AsyncGenerator<LetterLine, void, void> {
  const file = await open(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (let at = from; at < to; ) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK, to - at))
      const { bytesRead } = await file.read(block, 0, block.length, at)
      if (bytesRead === 0) throw new Error(`${path} was cut off at byte ${at} of ${to}`)
      at += bytesRead
      const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)])
      rest = yield* wholeLines(bytes, at - bytes.length)
    }
    if (rest.length > 0) yield { text: rest.toString(), end: to }
  } finally {
    await file.close()
  }
}

/** Returns what stands behind the last line end. */
function* wholeLines(bytes: Buffer, offset: number): Generator<LetterLine, Buffer, void> {
  let start = 0
  for (let stop = bytes.indexOf(NEWLINE); stop !== -1; stop = bytes.indexOf(NEWLINE, start)) {
    yield { text: bytes.toString('utf8', start, stop), end: offset + stop + 1 }
    start = stop + 1
  }
  return bytes.subarray(start)
}

const BLOCK = 1 << 18
const NEWLINE = 0x0a
