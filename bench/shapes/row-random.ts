/**
 * Random numbers that depend on the seed and the row alone, so that a generator can make any row again
 * (a planted duplicate needs an earlier row's key) without remembering it.
 */
export class RowRandom {
  readonly #seed: number
  #state = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  seek(row: number): void {
    let state = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(this.#seed + 1, 0x85ebca6b)
    state = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    this.#state = state ^ (state >>> 15)
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    // mulberry32; the bias of the scaled 32 bits does not matter for test data.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  /** Exactly `count` decimal digits, leading zeros included. */
  digits(count: number): string {
    return String(this.below(10 ** count)).padStart(count, '0')
  }
}
