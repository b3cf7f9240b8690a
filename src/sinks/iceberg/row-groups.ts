import { LIVE } from '../../records/span.ts'

/** Rows of a batch, group by group. Who looks at the next batch gives them up. */
export interface Grouped {
  /** Numbers of rows; those of a group are neighbours, in the order of the batch. */
  readonly order: Uint32Array
  /** How many rows each group has. */
  readonly counts: readonly number[]
}

/**
 * Groups the live rows of batches. Its arrays serve all batches: those of thousands of them would wait for the garbage
 * collector, which does not see them for what they weigh.
 */
export class RowGroups {
  #numbers: Uint32Array = new Uint32Array(0)
  #mask: Uint8Array = new Uint8Array(0)
  #order: Uint32Array = new Uint32Array(0)
  /** By number: the last batch that had it, and the group it belongs to in that one. */
  #seen: Uint32Array = new Uint32Array(64)
  #groups: Uint32Array = new Uint32Array(64)
  #batch = 0

  /** Looks at a batch, of which each live row has a number. Returns the numbers in the order of their first rows. */
  look(numbers: Uint32Array, mask: Uint8Array): readonly number[] {
    this.#numbers = numbers
    this.#mask = mask
    this.#batch++
    const distinct: number[] = []
    for (let row = 0; row < numbers.length; row++) {
      if (mask[row] !== LIVE) continue
      const number = numbers[row] as number
      if (number >= this.#seen.length) this.#grow(number)
      if (this.#seen[number] === this.#batch) continue
      this.#seen[number] = this.#batch
      distinct.push(number)
    }
    return distinct
  }

  /** Puts the rows with a number of `distinct` into the group that stands for it in `groups`. */
  group(distinct: readonly number[], groups: readonly number[]): Grouped {
    for (const [index, number] of distinct.entries()) this.#groups[number] = groups[index] as number
    const counts = new Array<number>(Math.max(-1, ...groups) + 1).fill(0)
    const [numbers, mask] = [this.#numbers, this.#mask]
    const groupOf = (row: number) => this.#groups[numbers[row] as number] as number
    for (let row = 0; row < numbers.length; row++) {
      if (mask[row] === LIVE) (counts[groupOf(row)] as number)++
    }
    const next: number[] = []
    let total = 0
    for (const count of counts) {
      next.push(total)
      total += count
    }
    if (this.#order.length < total) this.#order = new Uint32Array(numbers.length)
    for (let row = 0; row < numbers.length; row++) {
      if (mask[row] === LIVE) this.#order[(next[groupOf(row)] as number)++] = row
    }
    return { order: this.#order.subarray(0, total), counts }
  }

  #grow(number: number): void {
    const length = 2 ** Math.ceil(Math.log2(number + 1))
    this.#seen = grown(this.#seen, length)
    this.#groups = grown(this.#groups, length)
  }
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
