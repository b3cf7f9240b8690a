export class StopWatch {
  #last = performance.now()

  /** Milliseconds since the last lap. */
  lap(): number {
    const now = performance.now()
    const elapsed = Math.round(now - this.#last)
    this.#last = now
    return elapsed
  }
}
