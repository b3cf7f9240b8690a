import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { NumberFile, type NumberList, readNumbers } from '../storage/number-file.ts'
import { StagedFile } from '../storage/staged-file.ts'

export interface LetterResources {
  readonly linear: LinearMemory
  readonly io: ByteIo
}

export interface SealedLetterFile {
  readonly path: string
  readonly letters: number
  readonly bytes: number
  /** False when the letters do not ascend by record: a `through` stream may change the order of the rows. */
  readonly ordered: boolean
  /** Pairs: the ordinal of a letter's record, the byte behind the letter. */
  readonly index: NumberList
}

/**
 * A file of dead letters, one a line, written in large pieces. It remembers which record each letter is of and where
 * it ends, so that the judge can put others between them without reading them. Without letters there is no file.
 */
export class LetterFile {
  letters = 0
  readonly path: string
  readonly #resources: LetterResources
  readonly #index: NumberFile
  #file: StagedFile | undefined
  /** The piece that is being filled. */
  #address = 0
  #capacity = 0
  #used = 0
  #ordered = true
  #last = -1

  constructor(path: string, resources: LetterResources) {
    this.path = path
    this.#resources = resources
    this.#index = new NumberFile(`${path}.index`)
  }

  /** Goes on with a sealed file. */
  static async append(sealed: SealedLetterFile, resources: LetterResources): Promise<LetterFile> {
    const { path, letters, bytes } = sealed
    const file = new LetterFile(path, resources)
    file.letters = letters
    if (letters > 0) file.#file = await StagedFile.append(path, bytes, resources.linear, resources.io)
    return file
  }

  /** Takes a letter with its line end. Returns a promise when the caller has to wait. */
  add(line: string, ordinal: number): Promise<void> | undefined {
    const most = line.length * 3
    if (!this.hasRoom(most)) return this.makeRoom(most).then(() => this.#put(line, ordinal))
    this.#put(line, ordinal)
    return undefined
  }

  /** Whether a letter of so many bytes can be put at `end` now; else wait for `makeRoom`. */
  hasRoom(byteLength: number): boolean {
    return this.#used + byteLength <= this.#capacity
  }

  /** Writes the piece that is full and begins another one, of so many bytes or more. */
  async makeRoom(byteLength: number): Promise<void> {
    const { linear, io } = this.#resources
    this.#file ??= await StagedFile.createPrivate(this.path, linear, io)
    await this.#flush()
    this.#capacity = Math.max(PIECE, byteLength)
    this.#address = await this.#file.buffer(this.#capacity)
  }

  /** The address where the next letter goes: write it there, with its line end, then call `added`. */
  get end(): number {
    return this.#address + this.#used
  }

  /** Takes the letter that has been written from `end` on, up to this address. */
  added(end: number, ordinal: number): void {
    this.#used = end - this.#address
    this.letters++
    if (ordinal < this.#last) this.#ordered = false
    this.#last = ordinal
    this.#index.add(ordinal)
    this.#index.add((this.#file as StagedFile).bytes + this.#used)
  }

  /** Takes letters that are bytes already. */
  addBytes(bytes: Uint8Array, letters: number): Promise<void> | undefined {
    if (!this.hasRoom(bytes.length)) return this.makeRoom(bytes.length).then(() => this.#putBytes(bytes, letters))
    this.#putBytes(bytes, letters)
    return undefined
  }

  /** Closes the file; a durable one survives a power cut. */
  async seal({ durable }: { readonly durable: boolean }): Promise<SealedLetterFile> {
    await this.#flush()
    await this.#file?.finish({ durable })
    const bytes = this.#file?.bytes ?? 0
    return { path: this.path, letters: this.letters, bytes, ordered: this.#ordered, index: this.#index.seal() }
  }

  async close(): Promise<void> {
    this.#index.close()
    await this.#file?.close()
  }

  async #flush(): Promise<void> {
    if (this.#used > 0) await this.#file?.write(this.#used)
    this.#used = 0
  }

  #put(line: string, ordinal: number): void {
    const { end } = this
    this.added(end + this.#resources.linear.bytes.write(line, end), ordinal)
  }

  #putBytes(bytes: Uint8Array, letters: number): void {
    this.#resources.linear.bytes.set(bytes, this.#address + this.#used)
    this.#used += bytes.length
    this.letters += letters
  }
}

/** A letter of a sealed file. */
export interface LetterPlace {
  readonly ordinal: number
  readonly start: number
  readonly end: number
}

/** The letters of a file in their order. */
export function* letterPlaces(index: NumberList): Generator<LetterPlace, void, void> {
  let start = 0
  for (const numbers of readNumbers(index)) {
    for (let at = 0; at < numbers.length; at += 2) {
      const end = numbers[at + 1] as number
      yield { ordinal: numbers[at] as number, start, end }
      start = end
    }
  }
}

const PIECE = 1 << 20
