import { open, unlink } from 'node:fs/promises'

/** Large enough for the speed of the disk, small enough for many readers at a time. */
const READ_BYTES = 256 * 1024

/** A temporary file that holds a body. It goes when nothing refers to it any more. */
export class BodyFile {
  readonly path: string
  #users = 0

  constructor(path: string) {
    this.path = path
  }

  retain(): void {
    this.#users++
  }

  release(): void {
    this.#users--
    // A file that stays behind goes with its directory.
    if (this.#users === 0) unlink(this.path).catch(() => {})
  }
}

interface Piece {
  readonly file: BodyFile
  readonly start: number
  readonly length: number
}

/**
 * The bytes of an object or a part, in ranges of files, so that copies and completed uploads copy nothing.
 * Whoever keeps one retains it and releases it once.
 */
export class Content {
  readonly length: number
  readonly #pieces: readonly Piece[]

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
    this.length = pieces.reduce((sum, { length }) => sum + length, 0)
  }

  static joined(contents: readonly Content[]): Content {
    return new Content(contents.flatMap((content) => content.#pieces))
  }

  /** The end is exclusive. */
  slice(start: number, end: number): Content {
    let at = 0
    const pieces = this.#pieces.flatMap((piece) => {
      const from = Math.max(start - at, 0)
      const to = Math.min(end - at, piece.length)
      at += piece.length
      return from < to ? [{ file: piece.file, start: piece.start + from, length: to - from }] : []
    })
    return new Content(pieces)
  }

  retain(): this {
    for (const { file } of this.#pieces) file.retain()
    return this
  }

  release(): void {
    for (const { file } of this.#pieces) file.release()
  }

  /** Keeps the bytes while something else is awaited, whatever happens to the object meanwhile. */
  async during<T>(work: () => Promise<T> | T): Promise<T> {
    this.retain()
    try {
      return await work()
    } finally {
      this.release()
    }
  }

  /** Holds the bytes from the call to the last one, also when the object is deleted meanwhile. */
  read(): AsyncGenerator<Uint8Array> {
    this.retain()
    return this.#read()
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of this.#pieces) yield* readPiece(piece)
    } finally {
      this.release()
    }
  }
}

async function* readPiece({ file, start, length }: Piece): AsyncGenerator<Uint8Array> {
  await using handle = await open(file.path)
  const end = start + length
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) throw new Error(`${file.path} is shorter than it was`)
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
