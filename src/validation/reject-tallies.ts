import { formatCell } from '../records/column.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RowError } from '../records/row-errors.ts'
import type { RejectStage } from './dead-letter.ts'
import { MAX_SAMPLES, type RuleSample } from './rule.ts'

/** The records of one split that were rejected with one code, for another reason than a rule. */
export interface RejectTally {
  readonly code: string
  readonly stage: RejectStage
  /** Exact, whatever the number of samples. */
  rows: number
  readonly samples: RuleSample[]
}

/** Counts by code what the source and the transforms reject: so that a report can say more than how many. */
export class RejectTallies {
  readonly #byCode = new Map<string, RejectTally>()

  /** A record counts once for each of its codes. */
  count(record: SourceRecord, errors: readonly RowError[], stage: RejectStage): void {
    errors.forEach((error, index) => {
      if (stage !== 'read' && !error.transform) return
      if (errors.findIndex(({ code }) => code === error.code) !== index) return
      const tally = this.#tallyOf(error.code, stage)
      tally.rows++
      if (tally.samples.length < MAX_SAMPLES) tally.samples.push(sampleOf(record, error))
    })
  }

  list(): readonly RejectTally[] {
    return [...this.#byCode.values()]
  }

  /** Programs make codes of their own, and may make one for every row. */
  #tallyOf(code: string, stage: RejectStage): RejectTally {
    const name = this.#byCode.has(code) || this.#byCode.size < MAX_CODES ? code : OTHERS
    const known = this.#byCode.get(name) ?? { code: name, stage, rows: 0, samples: [] }
    this.#byCode.set(name, known)
    return known
  }
}

const MAX_CODES = 50

/** What stands for all codes beyond that. */
const OTHERS = '…'

/** A rejected record in a report. */
export function sampleOf({ ordinal, line }: SourceRecord, { code, message, column, value }: RowError): RuleSample {
  return {
    ordinal,
    line,
    ...(column === undefined ? {} : { column }),
    ...(value === undefined || value === null ? {} : { value: clipped(formatCell(value)) }),
    code,
    message,
  }
}

/** A report is for people, and a cell may be long; the dead letter has all of it. */
function clipped(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}

const MAX_VALUE = 1000
