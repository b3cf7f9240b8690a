/** Gives one number at a time to whoever iterates; the offer comes before the question. */
export class Handover implements Iterable<number> {
  #next: number | undefined

  offer(value: number): void {
    this.#next = value
  }

  end(): void {
    this.#next = undefined
  }

  *[Symbol.iterator](): Generator<number, void, void> {
    while (this.#next !== undefined) {
      const value = this.#next
      this.#next = undefined
      yield value
    }
  }
}
