import type { z } from 'zod'
import { isSecretName } from '../config/mask.ts'
import type { RunContext } from '../context.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Shape } from '../records/shape.ts'
import { type ApiJobOptions, checkApiOptions } from './api/check-api-options.ts'
import { type Clock, SYSTEM_CLOCK } from './api/clock.ts'
import type { ApiOptions } from './api/options.ts'
import { describePaginate } from './api/paginate.ts'
import { Pull, type PullRetry } from './api/pull.ts'
import { apiRowForm } from './api/row-form.ts'
import { describeUrl } from './api/safe-url.ts'
import { type ApiSetup, setupOf } from './api/setup.ts'
import { SchemaCast, type SchemaShape } from './csv-schema.ts'
import { rereadRows } from './kept-rows.ts'
import { RowBatches } from './row-batches.ts'
import type { ReadResources, Source, SourcePlan, Split, SplitEnd } from './source.ts'

/** A row of an API without a schema: nobody knows what its fields hold. */
// biome-ignore lint/suspicious/noExplicitAny: as said
export type ApiRow = Record<string, any>

/**
 * Reads the rows of an HTTP API that answers JSON, page after page. A page that fails is asked for again on its own; its
 * rows come when it is there as a whole, so no row comes twice. A dead letter holds the row as JSON; its `line` is the
 * row's number, and byte offsets count the rows as lines of JSON.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
export function readApi<S extends SchemaShape>(options: ApiOptions & { readonly schema: S }): Source<z.infer<S>>
export function readApi<T extends Shape = ApiRow>(options: ApiOptions): Source<T>
export function readApi(options: ApiJobOptions): Source<Shape> {
  return new ApiSource(options, SYSTEM_CLOCK)
}

/** `readApi` with another clock, so that nobody has to wait: for tests. */
export function readApiByClock(options: ApiJobOptions, clock: Clock): Source<ApiRow> {
  return new ApiSource(options, clock)
}

class ApiSource implements Source {
  readonly description: Readonly<Record<string, unknown>>
  readonly format = { type: 'json' }
  readonly #options: ApiOptions
  readonly #setup: ApiSetup
  readonly #columns: readonly string[] | undefined
  readonly #cast: SchemaCast | undefined
  readonly #clock: Clock

  constructor(given: ApiJobOptions, clock: Clock) {
    checkApiOptions(given)
    const { schema, ...options } = given
    this.#options = options
    this.#setup = setupOf(options)
    this.#columns = options.columns ?? (schema === undefined ? undefined : Object.keys(schema.shape))
    this.#cast = schema === undefined ? undefined : new SchemaCast(schema)
    this.#clock = clock
    this.description = describe(options, this.#setup, this.#columns)
  }

  async plan(_context: RunContext): Promise<SourcePlan> {
    const { url } = this.#setup
    const source = this.#options.name ?? `${url.origin}${url.pathname}`
    return { splits: [{ index: 0, source }], bytes: undefined, inputs: [{ source }] }
  }

  async *read(split: Split, resources: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const { nested = 'json', allowEmpty = false } = this.#options
    const { signal, emit } = resources.context
    const onRetry = ({ attempt, waitMs, url, fault }: PullRetry) =>
      emit({ type: 'ReadRetried', split: split.index, attempt, waitMs, reason: `${url}: ${fault.message}` })
    const batches = new RowBatches(split, apiRowForm({ columns: this.#columns, nested }), resources)
    const pull = await Pull.open(this.#setup, { signal, clock: this.#clock, onRetry })
    try {
      for await (const batch of batches.of(pull.rows())) yield this.#cast?.apply(batch) ?? batch
    } finally {
      await pull.close()
    }
    if (!allowEmpty) batches.refuseEmpty()
    const { records, columns } = batches
    return { records, lines: records, bytes: pull.bytes, sha256: pull.sha256(), columns }
  }

  reread(
    split: Split,
    end: SplitEnd,
    ordinals: Iterable<number>,
    resources: ReadResources,
  ): AsyncIterable<Iterable<SourceRecord>> {
    return rereadRows(split, end, ordinals, resources)
  }

  async verify(): Promise<void> {}
}

/** What is asked for, and not how patiently. Functions count by their text, secrets not at all. */
function describe(
  { headers = {}, paginate, rows = '', nested = 'json' }: ApiOptions,
  { url, auth }: ApiSetup,
  columns: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  const fields = Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? '***' : value])
  return {
    type: 'api',
    url: describeUrl(url),
    auth: auth.map(({ description }) => description),
    headers: Object.fromEntries(fields),
    paginate: describePaginate(paginate),
    rows: typeof rows === 'function' ? String(rows) : rows,
    columns: columns ?? null,
    nested,
  }
}
