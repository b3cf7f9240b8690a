/** Work that goes on beside, some of it at a time. What fails is thrown by the next call. */
export class UnderWay {
  readonly #most: number
  readonly #work = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** Starts a piece of work when there is room for it. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#work.size >= this.#most) await Promise.race(this.#work)
    this.#throw()
    const started: Promise<void> = work()
      .catch((error) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#work.delete(started))
    this.#work.add(started)
  }

  async all(): Promise<void> {
    await this.idle()
    this.#throw()
  }

  /** Waits for what is at work, whatever becomes of it. */
  async idle(): Promise<void> {
    await Promise.all(this.#work)
  }

  #throw(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
