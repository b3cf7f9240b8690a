import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { Fault, RecordBatch } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import type { Schema } from '../records/schema.ts'
import { DOOMED, GONE } from '../records/span.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { Letters, letterError, type RejectStage } from '../validation/dead-letter.ts'
import { KeyCollector } from '../validation/key-collector.ts'
import type { KeyTicket } from '../validation/key-file.ts'
import { LetterFile, type SealedLetterFile } from '../validation/letter-file.ts'
import { RejectTallies, type RejectTally, sampleOf } from '../validation/reject-tallies.ts'
import {
  type DatasetCheck,
  type DatasetRule,
  MAX_SAMPLES,
  type RowCheck,
  type RowRule,
  type Rule,
  type RuleTally,
} from '../validation/rule.ts'
import { restrict } from '../validation/where.ts'

/** What validation found in one split. Plain JSON but for the states of dataset rules. */
export interface SplitVerdict {
  readonly rules: readonly RuleTally[]
  readonly letters: SealedLetterFile
  readonly keys: readonly KeyTicket[]
  /** Rows that reached validation and were rejected here. */
  readonly rejected: number
  /** Records rejected for another reason than a rule: faulty ones, and those that a transform could not do. */
  readonly faulty: number
  /** The same by code, with samples. */
  readonly rejects: readonly RejectTally[]
}

export interface ValidateOptions {
  readonly rules: readonly Rule[]
  readonly split: number
  readonly source: string
  /** How the source's records can be parsed again, but for the columns. */
  readonly format: Readonly<Record<string, unknown>>
  readonly context: RunContext
  readonly pool: BatchPool
  readonly io: ByteIo
  /** The states of the dataset rules, by their index among these; shared by all splits. */
  readonly states: unknown[]
}

/**
 * The validating stage of one split: runs the row rules, collects keys, writes rejected rows to the split's dead
 * letters, and lets the others through. Nothing of what it lets through is visible before the judge has seen all.
 */
export class Validation {
  rejected = 0
  faulty = 0
  readonly #options: ValidateOptions
  readonly #tallies: ReadonlyMap<Rule, RuleTally>
  readonly #collectors: readonly KeyCollector[]
  readonly #rejects = new RejectTallies()
  readonly #letters: Letters
  readonly #file: LetterFile
  #schema: Schema | undefined
  #checks: readonly { readonly rule: RowRule; readonly check: RowCheck }[] = []
  #datasetChecks: readonly { readonly rule: DatasetRule; readonly check: DatasetCheck }[] = []

  constructor(options: ValidateOptions) {
    const { rules, split, context, pool, io, source } = options
    this.#options = options
    this.#tallies = new Map(rules.map((rule) => [rule, { id: rule.id, evaluated: 0, failed: 0, samples: [] }]))
    const unique = rules.filter((rule) => rule.level === 'unique')
    const share = context.memoryBudget / Math.max(1, unique.length)
    this.#collectors = unique.map(
      (rule, index) =>
        new KeyCollector(rule, `${context.scratch}/keys-${index}`, { linear: pool.linear, io, context }, share),
    )
    this.#letters = new Letters(context, source, pool)
    this.#file = new LetterFile(`${context.scratch}/letters-${split}.jsonl`, { linear: pool.linear, io })
  }

  async *apply(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch, void, void> {
    for await (const batch of batches) {
      if (batch.schema !== this.#schema) this.#bind(batch.schema)
      for (const { rule, check } of this.#checks) this.#runRule(batch, rule, check)
      for (const collector of this.#collectors) await collector.add(batch)
      await this.#reject(batch)
      this.#feedDatasetRules(batch)
      yield batch
    }
  }

  async seal(): Promise<SplitVerdict> {
    const keys: KeyTicket[] = []
    for (const collector of this.#collectors) {
      keys.push(await collector.seal())
      const tally = this.#tallies.get(collector.rule) as RuleTally
      tally.evaluated = collector.evaluated
    }
    const letters = await this.#file.seal({ durable: false })
    return {
      rules: [...this.#tallies.values()],
      letters,
      keys,
      rejected: this.rejected,
      faulty: this.faulty,
      rejects: this.#rejects.list(),
    }
  }

  async close(): Promise<void> {
    for (const collector of this.#collectors) await collector.close()
    this.#letters.close()
    await this.#file.close()
  }

  /** Throws `missing-label` when a rule names a column that is not there. */
  #bind(schema: Schema): void {
    this.#schema = schema
    const { rules, source, context } = this.#options
    for (const rule of rules) {
      const column = rule.columns.find((name) => !schema.indexOf.has(name))
      if (column === undefined) continue
      const known = schema.columns.map((name) => `"${name}"`).join(', ')
      const text = `${source}: the rule ${rule.id} needs the column "${column}", which is not there. The columns are ${known}.`
      throw new SluiceError('missing-label', text, { context: { column, rule: rule.id } })
    }
    this.#checks = rules
      .filter((rule) => rule.level === 'row')
      .map((rule) => ({ rule, check: restrict(rule.bind(schema), rule.options.where as never, rule.id) }))
    this.#datasetChecks = rules
      .filter((rule) => rule.level === 'dataset')
      .map((rule) => ({ rule, check: rule.bind(schema, context) }))
  }

  #runRule(batch: RecordBatch, rule: RowRule, check: RowCheck): void {
    const tally = this.#tallies.get(rule) as RuleTally
    const { severity = 'error' } = rule.options
    tally.evaluated += check(batch, (row, error) => {
      tally.failed++
      if (tally.samples.length < MAX_SAMPLES) tally.samples.push(sampleOf(batch.origins.record(row), error))
      if (severity === 'error') batch.errors.add(row, error.rule === rule.id ? error : { ...error, rule: rule.id })
    })
  }

  async #reject(batch: RecordBatch): Promise<void> {
    if (batch.faults.size === 0 && batch.errors.size === 0) return
    this.#letters.setFormat(this.#options.format, batch.origins.columns)
    // Letters ascend by record, so that the judge can merge what it finds.
    const faults = batch.faults[Symbol.iterator]()
    let fault = faults.next()
    const mask = batch.mask
    for (let row = 0; row < batch.rows; row++) {
      if (mask[row] !== DOOMED) continue
      const ordinal = batch.origins.ordinal(row)
      for (; !fault.done && fault.value.record.ordinal < ordinal; fault = faults.next()) {
        await this.#writeFault(fault.value)
      }
      const errors = batch.errors.of(row) as readonly RowError[]
      mask[row] = GONE
      this.rejected++
      if (errors.some((error) => error.transform)) this.faulty++
      const record = batch.origins.record(row)
      const stage = stageOf(errors)
      this.#rejects.count(record, errors, stage)
      const waiting = this.#letters.write(this.#file, record, errors.map(letterError), stage)
      if (waiting !== undefined) await waiting
    }
    for (; !fault.done; fault = faults.next()) await this.#writeFault(fault.value)
  }

  async #writeFault({ record, errors }: Fault): Promise<void> {
    this.faulty++
    const stage = errors[0]?.transform ? 'transform' : 'read'
    this.#rejects.count(record, errors, stage)
    await this.#letters.write(this.#file, record, errors.map(letterError), stage)
  }

  #feedDatasetRules(batch: RecordBatch): void {
    const { states } = this.#options
    for (const [index, { rule, check }] of this.#datasetChecks.entries()) {
      const { state, evaluated } = check(batch, states[index] as never)
      states[index] = state
      const tally = this.#tallies.get(rule) as RuleTally
      tally.evaluated += evaluated
    }
  }
}

/** Errors of transforms come first: they were found first. */
function stageOf([first]: readonly RowError[]): RejectStage {
  return first?.transform ? 'transform' : 'validate'
}
