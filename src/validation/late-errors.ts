import { type FileHandle, open, rm } from 'node:fs/promises'
import { writing } from '../storage/write-error.ts'

/** A row that turned out to be a duplicate when all rows were known. Ids count over all splits, from 0. */
export interface LateError {
  readonly id: number
  readonly firstId: number
  /** The index of the rule in the job. */
  readonly rule: number
}

/**
 * Sorts late errors by row, however many there are: sorted runs go to a file and are merged when read. Fixed memory.
 */
export class LateErrors {
  size = 0
  readonly #path: string
  readonly #ids = new Float64Array(RUN)
  readonly #firsts = new Float64Array(RUN)
  readonly #rules = new Float64Array(RUN)
  #pending = 0
  readonly #runs: { offset: number; count: number }[] = []
  #file: FileHandle | undefined
  #end = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Returns a promise when the caller has to wait. */
  add(id: number, firstId: number, rule: number): Promise<void> | undefined {
    this.#ids[this.#pending] = id
    this.#firsts[this.#pending] = firstId
    this.#rules[this.#pending] = rule
    this.#pending++
    this.size++
    return this.#pending === RUN ? this.#flush() : undefined
  }

  /** All errors by row, then by rule. May be asked more than once, when all have been added. */
  async *sorted(): AsyncGenerator<LateError, void, void> {
    if (this.#runs.length === 0) {
      yield* this.#sortPending()
      return
    }
    if (this.#pending > 0) await this.#flush()
    const cursors = this.#runs.map((run) => new Cursor(this.#file as FileHandle, run))
    for (const cursor of cursors) await cursor.advance()
    const heap = cursors.filter((cursor) => cursor.current !== undefined)
    while (heap.length > 0) {
      let least = 0
      for (let i = 1; i < heap.length; i++) if (before(heap[i] as Cursor, heap[least] as Cursor)) least = i
      const cursor = heap[least] as Cursor
      yield cursor.current as LateError
      if (cursor.buffered()) continue
      await cursor.advance()
      if (cursor.current === undefined) heap.splice(least, 1)
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    await rm(this.#path, { force: true })
  }

  *#sortPending(): Generator<LateError, void, void> {
    const count = this.#pending
    // One number holds the row and the place in the buffer, so that the engine's own number sort does the work.
    const order = new Float64Array(count)
    for (let i = 0; i < count; i++) order[i] = (this.#ids[i] as number) * RUN + i
    order.sort()
    const errors = Array.from(order, (key) => this.#at(key % RUN))
    for (let from = 0; from < errors.length; ) {
      let to = from + 1
      while (to < errors.length && (errors[to] as LateError).id === (errors[from] as LateError).id) to++
      yield* errors.slice(from, to).sort((a, b) => a.rule - b.rule)
      from = to
    }
  }

  #at(index: number): LateError {
    return {
      id: this.#ids[index] as number,
      firstId: this.#firsts[index] as number,
      rule: this.#rules[index] as number,
    }
  }

  async #flush(): Promise<void> {
    const numbers = new Float64Array(this.#pending * 3)
    let at = 0
    for (const { id, firstId, rule } of this.#sortPending()) {
      numbers[at++] = id
      numbers[at++] = firstId
      numbers[at++] = rule
    }
    await writing(this.#path, async () => {
      this.#file ??= await open(this.#path, 'w+', 0o600)
      // Goes on until all is written, where a single write would stop at a disk that is nearly full.
      await this.#file.writeFile(new Uint8Array(numbers.buffer))
    })
    this.#runs.push({ offset: this.#end, count: this.#pending })
    this.#end += numbers.byteLength
    this.#pending = 0
  }
}

/** Errors sorted at a time; ids up to 2^53 / RUN (over 10^11 rows) can be sorted. */
const RUN = 65_536

function before(a: Cursor, b: Cursor): boolean {
  const [x, y] = [a.current as LateError, b.current as LateError]
  return x.id < y.id || (x.id === y.id && x.rule < y.rule)
}

/** Reads one sorted run, some errors at a time. */
class Cursor {
  current: LateError | undefined
  readonly #file: FileHandle
  #offset: number
  #left: number
  #numbers = new Float64Array(0)
  #next = 0

  constructor(file: FileHandle, { offset, count }: { offset: number; count: number }) {
    this.#file = file
    this.#offset = offset
    this.#left = count
  }

  /** Moves on within what has been read; false when more must be read. */
  buffered(): boolean {
    if (this.#next >= this.#numbers.length) return false
    const [id, firstId, rule] = this.#numbers.subarray(this.#next, this.#next + 3)
    this.current = { id, firstId, rule } as LateError
    this.#next += 3
    return true
  }

  async advance(): Promise<void> {
    if (this.buffered()) return
    const count = Math.min(this.#left, 512)
    if (count === 0) {
      this.current = undefined
      return
    }
    const numbers = new Float64Array(count * 3)
    await this.#file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, this.#offset)
    this.#offset += numbers.byteLength
    this.#left -= count
    this.#numbers = numbers
    this.#next = 0
    this.buffered()
  }
}
