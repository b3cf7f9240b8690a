import { type NumberList, readNumbers } from '../storage/number-file.ts'

/** Tells of the rows of a part, one after another, whether they are to be dropped. */
export interface Drops {
  has(ordinal: number): boolean
  close(): void
}

/** `ordered`: the rows of the part are in the order of their records, as the drops are. */
export function openDrops(drops: NumberList, ordered: boolean): Drops {
  const dropped = each(drops)
  return ordered ? new InOrder(dropped) : new AnyOrder(dropped)
}

/** Walks through the rows to drop beside the rows of the part; both ascend. */
class InOrder implements Drops {
  readonly #drops: Generator<number, void, void>
  #next: number | undefined = -1

  constructor(drops: Generator<number, void, void>) {
    this.#drops = drops
  }

  has(ordinal: number): boolean {
    while (this.#next !== undefined && this.#next < ordinal) {
      const { done, value } = this.#drops.next()
      this.#next = done ? undefined : value
    }
    return this.#next === ordinal
  }

  close(): void {
    this.#drops.return()
  }
}

/** For parts whose rows a `through` stream put into another order: the rows to drop are held in memory. */
class AnyOrder implements Drops {
  readonly #drops: ReadonlySet<number>

  constructor(drops: Iterable<number>) {
    this.#drops = new Set(drops)
  }

  has(ordinal: number): boolean {
    return this.#drops.has(ordinal)
  }

  close(): void {}
}

function* each(numbers: NumberList): Generator<number, void, void> {
  for (const some of readNumbers(numbers)) yield* some
}
