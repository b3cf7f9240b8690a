import type { CatalogConfig } from '../../config/catalog-config.ts'
import { COLUMN_NAMES, checkOptions, type OptionCheck, TEXT } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { CATALOG, checkCatalog } from '../../storage/iceberg/check-catalog.ts'
import type { Where } from '../../storage/iceberg/condition.ts'
import { planCatalog } from '../../storage/iceberg/planned-catalog.ts'
import { parseTableName } from '../../storage/iceberg/table-name.ts'
import { isObjectSchema, type SchemaShape } from '../csv-schema.ts'
import { schemaDigest } from '../schema-digest.ts'

/** For `since`: what was appended after the job's last commit to its target, which must be an Iceberg table. */
export const lastCommitted: unique symbol = Symbol('lastCommitted')

export interface ReadIcebergOptions {
  /** Default: what the configuration has by the first part of the table's name. A text is another name there. */
  readonly catalog?: string | CatalogConfig
  /** An id, for the table as it was; default the head of the branch. */
  readonly snapshot?: bigint | string
  /** A branch or a tag; default `main`. */
  readonly branch?: string
  /** Only these, in this order; default all. Others are not read at all. */
  readonly columns?: readonly string[]
  /** Only rows of which all this holds. Files that cannot hold any are not opened. */
  readonly where?: Where
  /** Only rows that were appended after this snapshot, or after what the job has committed last. */
  readonly since?: typeof lastCommitted | bigint | string
}

/** Throws `job-invalid`. */
export function checkIcebergOptions(table: string, options: ReadIcebergOptions & { readonly schema?: unknown }): void {
  if (typeof table !== 'string') throw invalid('the name of the table is missing')
  parseTableName(table)
  checkOptions<ReadIcebergOptions & { readonly schema?: unknown }>('readIceberg', options, {
    catalog: CATALOG,
    snapshot: SNAPSHOT,
    branch: TEXT,
    columns: COLUMN_NAMES,
    where: { wanted: 'an object, such as { region: "EU", ts: { gte: "2026-01-01" } }', accepts: isObject },
    since: {
      wanted: 'lastCommitted or the id of a snapshot',
      accepts: (value) => value === lastCommitted || SNAPSHOT.accepts(value),
    },
    schema: { wanted: 'a zod object, such as z.object({ id: z.bigint() })', accepts: isObjectSchema },
  })
  checkCatalog('readIceberg', options.catalog)
  if (options.snapshot !== undefined && options.branch !== undefined) {
    throw invalid('a snapshot is the same on every branch; give one of snapshot and branch')
  }
}

/** The options as text, without secrets. */
export function describeIceberg(
  table: string,
  { catalog, snapshot, since, where, schema, ...options }: ReadIcebergOptions & { readonly schema?: SchemaShape },
): Readonly<Record<string, unknown>> {
  const { catalog: name } = parseTableName(table)
  return {
    type: 'iceberg',
    table,
    ...options,
    catalog: typeof catalog === 'object' ? planCatalog(name, catalog).config : catalog,
    snapshot: snapshot === undefined ? undefined : String(snapshot),
    since: since === undefined ? undefined : since === lastCommitted ? 'last committed' : String(since),
    where: where === undefined ? undefined : JSON.parse(JSON.stringify(where, plain)),
    schema: schema === undefined ? undefined : schemaDigest(schema),
  }
}

/** Numbers that JSON lacks. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

const SNAPSHOT: OptionCheck = {
  wanted: 'the id of a snapshot, as text or bigint',
  accepts: (value) => typeof value === 'bigint' || (typeof value === 'string' && /^\d{1,19}$/.test(value)),
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: string): SluiceError {
  return new SluiceError('job-invalid', `readIceberg: ${what}.`)
}
