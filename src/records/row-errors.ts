import type { Cell } from './column.ts'
import { DOOMED, LIVE } from './span.ts'

/** Why a row cannot pass. All errors of a row are reported, not the first. */
export interface RowError {
  readonly code: string
  /** For people; names the fix where there is one and never the value. */
  readonly message: string
  readonly rule?: string
  /** Found by a transform, not by a rule. */
  readonly transform?: true
  readonly column?: string | undefined
  readonly value?: Cell | undefined
  /** Of a duplicate: the 1-based data record that holds the key. */
  readonly firstRow?: number
}

/** The errors of one batch, sparse: a batch without errors holds nothing. Shared by all stages that see it. */
export class RowErrors {
  readonly #live: Uint8Array
  readonly #byRow = new Map<number, RowError[]>()

  /** `live` is the batch's mask: a row with an error is doomed but flows on, so that all its errors are found. */
  constructor(live: Uint8Array) {
    this.#live = live
  }

  add(row: number, error: RowError): void {
    if (this.#live[row] === LIVE) this.#live[row] = DOOMED
    const known = this.#byRow.get(row)
    if (known === undefined) this.#byRow.set(row, [error])
    else known.push(error)
  }

  get size(): number {
    return this.#byRow.size
  }

  of(row: number): readonly RowError[] | undefined {
    return this.#byRow.get(row)
  }
}
