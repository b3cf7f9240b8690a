import { formatCell } from '../records/column.ts'
import { MAX_SAMPLES, type Rule, type RuleSample, type Severity } from '../validation/rule.ts'
import { exceedsShare } from '../validation/share.ts'
import type { NumberedSplit } from './late-rejects.ts'

/** What a rule found in the whole run. */
export interface RuleResult {
  readonly id: string
  readonly type: string
  readonly columns: readonly string[]
  readonly severity: Severity
  readonly status: 'passed' | 'failed' | 'warned'
  readonly evaluated: number
  /** Exact, whatever the number of samples. */
  readonly failed: number
  readonly samples: readonly ResultSample[]
  readonly samplesTruncated: boolean
  /** Of a rule on the whole dataset: what is wrong. */
  readonly message?: string
}

export interface ResultSample {
  readonly source: string
  readonly row: number
  readonly line: number
  readonly column?: string
  readonly value?: string
  readonly code: string
  readonly message: string
  /** Of a duplicate: the row that holds the key, and its source where that is another one. */
  readonly firstRow?: number
  readonly firstSource?: string
}

/** A row by its source and 1-based data record. */
export interface RowPlace {
  readonly source: string
  readonly row: number
}

interface Tally {
  evaluated: number
  failed: number
  samples: ResultSample[]
  messages: string[]
}

/** Adds up what the splits found, then what the judge finds. */
export class RuleResults {
  readonly #rules: readonly Rule[]
  readonly #tallies = new Map<Rule, Tally>()

  constructor(rules: readonly Rule[], splits: readonly NumberedSplit[]) {
    this.#rules = rules
    rules.forEach((rule, index) => {
      const tally: Tally = { evaluated: 0, failed: 0, samples: [], messages: [] }
      for (const { ticket } of splits) {
        const found = ticket.verdict.rules[index]
        if (found === undefined) continue
        tally.evaluated += found.evaluated
        tally.failed += found.failed
        for (const sample of found.samples) addSample(tally, fromSplit(sample, ticket.split.source))
      }
      this.#tallies.set(rule, tally)
    })
  }

  failDataset(rule: Rule, message: string): void {
    const tally = this.#tally(rule)
    tally.failed++
    tally.messages.push(message)
  }

  countLate(rule: Rule): void {
    this.#tally(rule).failed++
  }

  sampleLate(
    rule: Rule,
    source: string,
    ordinal: number,
    record: { readonly line: number; readonly values: Readonly<Record<string, string | null>> },
    first: RowPlace,
  ): void {
    const tally = this.#tally(rule)
    if (tally.samples.length >= MAX_SAMPLES) return
    const [column] = rule.columns
    const value = column === undefined ? undefined : record.values[column]
    addSample(tally, {
      source,
      row: ordinal + 1,
      line: record.line,
      ...(column === undefined || rule.columns.length > 1 ? {} : { column }),
      ...(value === undefined || value === null ? {} : { value: formatCell(value) }),
      code: 'duplicate-key',
      message: duplicateMessage(rule, first, source),
      firstRow: first.row,
      ...(first.source === source ? {} : { firstSource: first.source }),
    })
  }

  list(onInvalid: 'fail' | 'quarantine'): readonly RuleResult[] {
    return this.#rules.map((rule) => {
      const { evaluated, failed, samples, messages } = this.#tally(rule)
      const { severity = 'error' } = rule.options
      const status = isTolerated(rule, onInvalid, evaluated, failed)
        ? 'passed'
        : severity === 'error'
          ? 'failed'
          : 'warned'
      return {
        id: rule.id,
        type: rule.type,
        columns: rule.columns,
        severity,
        status,
        evaluated,
        failed,
        samples,
        samplesTruncated: rule.level !== 'dataset' && failed > samples.length,
        ...(messages.length > 0 ? { message: messages.join('; ') } : {}),
      }
    })
  }

  #tally(rule: Rule): Tally {
    return this.#tallies.get(rule) as Tally
  }
}

/** Without limits no row may fail in a run that fails by them, and any number in one that keeps them out. */
function isTolerated(
  { options, level }: Rule,
  onInvalid: 'fail' | 'quarantine',
  evaluated: number,
  failed: number,
): boolean {
  const { maxFailed, maxFailedPercent } = options
  if (maxFailed === undefined && maxFailedPercent === undefined) {
    return failed === 0 || (onInvalid === 'quarantine' && level !== 'dataset')
  }
  if (maxFailed !== undefined && failed > maxFailed) return false
  return maxFailedPercent === undefined || !exceedsShare(failed, `${maxFailedPercent}%`, evaluated)
}

/** What is wrong with a row of `source` whose key another row holds. */
export function duplicateMessage({ columns }: Rule, first: RowPlace, source: string): string {
  const where = first.source === source ? `row ${first.row}` : `row ${first.row} of ${first.source}`
  return `The key ${columns.join(', ')} stands already in ${where}.`
}

function addSample(tally: Tally, sample: ResultSample): void {
  if (tally.samples.length < MAX_SAMPLES) tally.samples.push(sample)
}

/** A sample under the name of its input, and numbered as people number rows. */
export function fromSplit({ ordinal, ...sample }: RuleSample, source: string): ResultSample {
  return { source, row: ordinal + 1, ...sample }
}
