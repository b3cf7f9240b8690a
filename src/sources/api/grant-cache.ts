import type { Clock } from './clock.ts'

/** What shows a server who is asking. */
export interface Grant {
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Never to be shown. */
  readonly secrets: readonly string[]
}

export interface Obtained {
  readonly grant: Grant
  /** Milliseconds since the epoch from when on another one is wanted; default never. */
  readonly renewAt?: number
}

/** Holds one grant for all requests. Requests that need a new one at the same time share it. */
export class GrantCache {
  readonly #obtain: () => Promise<Obtained>
  readonly #clock: Clock
  #current: Obtained | undefined
  #pending: Promise<Grant> | undefined

  constructor(obtain: () => Promise<Obtained>, clock: Clock) {
    this.#obtain = obtain
    this.#clock = clock
  }

  async get(): Promise<Grant> {
    const current = this.#current
    if (current === undefined || this.#clock.now() >= (current.renewAt ?? Number.POSITIVE_INFINITY)) {
      return this.#refresh()
    }
    return current.grant
  }

  /** Another grant than the one that was refused; undefined when there is none. */
  async renew(refused: Grant): Promise<Grant | undefined> {
    const current = this.#current?.grant
    // Another request was refused as well, and has renewed it by now.
    if (current !== undefined && current !== refused && !isSame(current, refused)) return this.get()
    const fresh = await this.#refresh()
    return isSame(fresh, refused) ? undefined : fresh
  }

  #refresh(): Promise<Grant> {
    this.#pending ??= this.#obtainOne()
    return this.#pending
  }

  async #obtainOne(): Promise<Grant> {
    try {
      this.#current = await this.#obtain()
      return this.#current.grant
    } finally {
      this.#pending = undefined
    }
  }
}

function isSame(a: Grant, b: Grant): boolean {
  return JSON.stringify([a.headers, a.query]) === JSON.stringify([b.headers, b.query])
}
