import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { writeError } from '../storage/write-error.ts'

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
  /** What is pending, in order: it is asked for more than once. */
  #order: Float64Array | undefined
  readonly #runs: { offset: number; count: number }[] = []
  #file: number | undefined
  #end = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Errors of one row come in the order of their rules. */
  add(id: number, firstId: number, rule: number): void {
    this.#order = undefined
    this.#ids[this.#pending] = id
    this.#firsts[this.#pending] = firstId
    this.#rules[this.#pending] = rule
    this.#pending++
    this.size++
    if (this.#pending === RUN) this.#flush()
  }

  /** All errors by row, then by rule. May be asked more than once, when all have been added. */
  *sorted(): Generator<LateError, void, void> {
    if (this.#runs.length === 0) {
      yield* this.#sortPending()
      return
    }
    if (this.#pending > 0) this.#flush()
    const cursors = this.#runs.map((run) => new Cursor(this.#file as number, run))
    while (cursors.length > 0) {
      let least = 0
      for (let i = 1; i < cursors.length; i++) if (before(cursors[i] as Cursor, cursors[least] as Cursor)) least = i
      const cursor = cursors[least] as Cursor
      yield cursor.current as LateError
      if (!cursor.advance()) cursors.splice(least, 1)
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    rmSync(this.#path, { force: true })
  }

  *#sortPending(): Generator<LateError, void, void> {
    this.#order ??= this.#sort()
    for (const key of this.#order) yield this.#at(key % RUN)
  }

  /** One number holds the row and the place in the buffer, so that the engine's own number sort does the work. */
  #sort(): Float64Array {
    const order = new Float64Array(this.#pending)
    for (let i = 0; i < order.length; i++) order[i] = (this.#ids[i] as number) * RUN + i
    return order.sort()
  }

  #at(index: number): LateError {
    return {
      id: this.#ids[index] as number,
      firstId: this.#firsts[index] as number,
      rule: this.#rules[index] as number,
    }
  }

  /** Synchronous: a megabyte now and then, to a file that is soon read again. */
  #flush(): void {
    const numbers = new Float64Array(this.#pending * 3)
    let at = 0
    for (const { id, firstId, rule } of this.#sortPending()) {
      numbers[at++] = id
      numbers[at++] = firstId
      numbers[at++] = rule
    }
    try {
      this.#file ??= openSync(this.#path, 'w+', 0o600)
      const bytes = new Uint8Array(numbers.buffer)
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#end + done)
      }
    } catch (error) {
      throw writeError(error, this.#path)
    }
    this.#runs.push({ offset: this.#end, count: this.#pending })
    this.#end += numbers.byteLength
    this.#pending = 0
    this.#order = undefined
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
  readonly #file: number
  #offset: number
  #left: number
  #numbers = new Float64Array(0)
  #next = 0

  constructor(file: number, { offset, count }: { offset: number; count: number }) {
    this.#file = file
    this.#offset = offset
    this.#left = count
    this.advance()
  }

  /** False when there are no more. */
  advance(): boolean {
    if (this.#next >= this.#numbers.length && !this.#load()) return false
    const [id, firstId, rule] = this.#numbers.subarray(this.#next, this.#next + 3)
    this.current = { id, firstId, rule } as LateError
    this.#next += 3
    return true
  }

  #load(): boolean {
    const count = Math.min(this.#left, 512)
    if (count === 0) return false
    this.#numbers = new Float64Array(count * 3)
    const read = readSync(this.#file, this.#numbers, 0, this.#numbers.byteLength, this.#offset)
    if (read !== this.#numbers.byteLength) throw new Error('the file of late errors is cut off')
    this.#offset += read
    this.#left -= count
    this.#next = 0
    return true
  }
}
