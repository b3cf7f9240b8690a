import type { Clock } from './clock.ts'

/** Keeps the requests of a pull apart, also those that are made again; and holds them all back when a server asks so. */
export class Pace {
  readonly #interval: number
  readonly #clock: Clock
  #next = 0
  #pausedUntil = 0
  #last: Promise<void> = Promise.resolve()

  constructor(perSecond: number | undefined, clock: Clock) {
    this.#interval = perSecond === undefined ? 0 : 1000 / perSecond
    this.#clock = clock
  }

  /**
   * Resolves when the next request may go, one after the other, to what `prepare` gives. That is called when it is about
   * to go: credentials may end while a request waits. It may itself send requests, which `overtake`.
   */
  async turn<T>(signal: AbortSignal, prepare: () => Promise<T>): Promise<T> {
    const before = this.#last
    const { promise, resolve: over } = Promise.withResolvers<void>()
    this.#last = promise
    try {
      await before
      await this.#sleepUntil(Math.max(this.#next, this.#pausedUntil), signal)
      const prepared = await prepare()
      await this.overtake(signal)
      return prepared
    } finally {
      over()
    }
  }

  /** Resolves when a request may go for which those wait whose turn it is. */
  async overtake(signal: AbortSignal): Promise<void> {
    const at = Math.max(this.#clock.now(), this.#next, this.#pausedUntil)
    this.#next = at + this.#interval
    await this.#sleepUntil(at, signal)
    // Paused in the meantime: it waits again.
    if (this.#pausedUntil > this.#clock.now()) await this.overtake(signal)
  }

  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds)
  }

  async #sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    const wait = time - this.#clock.now()
    if (wait > 0) await this.#clock.sleep(wait, signal)
  }
}
