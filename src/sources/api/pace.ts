import type { Clock } from './clock.ts'

/** Keeps the requests of a pull apart, also those that are made again; and holds them all back when a server asks so. */
export class Pace {
  readonly #interval: number
  readonly #clock: Clock
  #next = 0
  #pausedUntil = 0

  constructor(perSecond: number | undefined, clock: Clock) {
    this.#interval = perSecond === undefined ? 0 : 1000 / perSecond
    this.#clock = clock
  }

  /** Resolves when the next request may go. */
  async turn(signal: AbortSignal): Promise<void> {
    const at = Math.max(this.#clock.now(), this.#next, this.#pausedUntil)
    this.#next = at + this.#interval
    await this.#sleepUntil(at, signal)
    // Paused in the meantime: it takes another turn, so that those who waited do not go all at once.
    if (this.#pausedUntil > this.#clock.now()) await this.turn(signal)
  }

  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds)
  }

  async #sleepUntil(time: number, signal: AbortSignal): Promise<void> {
    const wait = time - this.#clock.now()
    if (wait > 0) await this.#clock.sleep(wait, signal)
  }
}
