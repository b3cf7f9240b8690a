import { createHash } from 'node:crypto'

/**
 * Finds out that pages go round in circles, in fixed memory. A circle of up to WINDOW pages is found when it closes. A
 * longer one comes by the anchor, which is set anew after ever more pages (Brent), so that it lies on the circle one day.
 */
export class LoopGuard {
  readonly #recent = new Map<string, number>()
  #anchor = ''
  #anchorPage = 0
  #page = 0

  /** The number of the page that had this address; undefined when there was none. */
  seen(address: string): number | undefined {
    this.#page++
    const key = createHash('sha256').update(address).digest('base64url').slice(0, KEY)
    const before = this.#recent.get(key) ?? (key === this.#anchor ? this.#anchorPage : undefined)
    if (before !== undefined) return before
    this.#recent.set(key, this.#page)
    if (this.#recent.size > WINDOW) this.#recent.delete(this.#recent.keys().next().value as string)
    if (this.#page >= this.#anchorPage * 2) {
      this.#anchor = key
      this.#anchorPage = this.#page
    }
    return undefined
  }
}

const WINDOW = 10_000
/** Characters of base64, of 6 bits each: enough that no two pages meet by chance. */
const KEY = 22
