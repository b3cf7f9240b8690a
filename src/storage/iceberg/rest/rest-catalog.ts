import type { RestCatalogConfig } from '../../../config/catalog-config.ts'
import { vendsCredentials } from '../../../config/vends-credentials.ts'
import { SluiceError } from '../../../errors.ts'
import type {
  Catalog,
  CatalogAnswer,
  CatalogState,
  DraftTable,
  LoadedTable,
  PreparedTable,
  StagedTable,
} from '../catalog.ts'
import type { TableChange } from '../table-change.ts'
import { readTableFile } from '../table-files.ts'
import {
  checkedMetadata,
  currentSchema,
  currentSpec,
  parseTableMetadata,
  type TableMetadata,
} from '../table-metadata.ts'
import { formatTableName, type TableName } from '../table-name.ts'
import type { VendedStorage } from '../vended-storage.ts'
import { DELEGATION, readVended } from './read-vended.ts'
import { errorType, type RestAnswer, RestClient } from './rest-client.ts'

/** A catalog that speaks Iceberg's REST protocol. */
export async function openRestCatalog(name: string, config: RestCatalogConfig): Promise<Catalog> {
  return new RestCatalog(name, config, await RestClient.open(name, config))
}

class RestCatalog implements Catalog {
  readonly #name: string
  readonly #config: RestCatalogConfig
  readonly #client: RestClient
  #settings: Promise<Settings> | undefined

  constructor(name: string, config: RestCatalogConfig, client: RestClient) {
    this.#name = name
    this.#config = config
    this.#client = client
  }

  async load(table: TableName): Promise<LoadedTable | undefined> {
    const answer = await this.#ask(table, 'all')
    if (answer.status === 200) {
      if (!saysWhatItIs(answer.body)) throw this.#strange(`Cannot load ${formatTableName(table)}`, 'table')
      return { metadata: await this.#metadata(table, answer.body), ...(await this.#vended(answer.body)) }
    }
    if (answer.status === 404 && errorType(answer) !== undefined) return undefined
    throw this.#error('source-failed', `Cannot load ${formatTableName(table)}`, answer)
  }

  async probe(): Promise<CatalogState> {
    const { location } = this.#config
    // What the catalog gives credentials for, our own may not reach.
    const places = location === undefined || vendsCredentials(this.#config) ? [] : [`${location.replace(/\/+$/, '')}/`]
    const answer = await this.#client.ask({ method: 'GET', path: await this.#namespacesPath() })
    if (answer.status === 200) {
      if (!listsNamespaces(answer.body)) throw this.#strange('Cannot list namespaces', 'namespaces')
      return { detail: 'reachable', places }
    }
    if (answer.status !== 403) throw this.#error('source-failed', 'Cannot list namespaces', answer)
    const fix = 'Allow it to these credentials, or ask for the tables of a job: sluice doctor <job.ts>.'
    return { detail: 'reachable, but listing its namespaces is not permitted', fix, places }
  }

  locationOf(table: TableName): string | undefined {
    return vendsCredentials(this.#config) ? undefined : this.#place(table)
  }

  async prepare(table: TableName, draft: DraftTable): Promise<PreparedTable> {
    let answer = await this.#create(table, draft, true)
    if (answer.status === 404 && /namespace/i.test(errorType(answer) ?? '')) {
      await this.#createNamespace(table)
      answer = await this.#create(table, draft, true)
    }
    const staged = answer.status === 200
    // Glue and S3 Tables know no stages: there the table is made at once, without rows.
    if (!staged && answer.status !== undefined && UNSTAGED.has(answer.status))
      answer = await this.#create(table, draft, false)
    if (answer.status === 200) {
      const metadata = await this.#metadata(table, answer.body)
      const { 'table-uuid': uuid, location } = metadata
      const own = { uuid, location, schema: currentSchema(metadata), spec: currentSpec(metadata) }
      return { ...own, properties: draft.properties, created: !staged, ...(await this.#vended(answer.body)) }
    }
    const code = answer.status === 409 ? 'target-moved' : 'target-not-writable'
    throw this.#error(code, `Cannot create ${formatTableName(table)}`, answer)
  }

  async commit(table: TableName, { requirements, updates }: TableChange, key: string): Promise<CatalogAnswer> {
    const { idempotent } = await this.#connect()
    const answer = await this.#client.send({
      method: 'POST',
      path: await this.#tablePath(table),
      body: { identifier: table, requirements, updates },
      headers: idempotent ? { 'idempotency-key': key } : {},
    })
    const { status } = answer
    if (status !== undefined && status >= 200 && status < 300) {
      if (saysWhatItIs(answer.body)) return { outcome: 'committed' }
      // Somebody on the way may have answered: the table knows.
      const error = this.#error('source-failed', `Cannot commit to ${formatTableName(table)}`, answer)
      return { outcome: 'unknown', error }
    }
    // Of 429 the protocol says that nothing was done.
    if (status === 409 || status === 429) return { outcome: 'conflict', reason: answer.message }
    const error = this.#error('target-not-writable', `Cannot commit to ${formatTableName(table)}`, answer)
    // A gateway that waits no longer for the catalog says 408.
    const unknown = status === undefined || status === 408 || status >= 500
    return { outcome: unknown ? 'unknown' : 'failed', error }
  }

  async vend(table: TableName, staged?: StagedTable): Promise<readonly VendedStorage[]> {
    let answer = await this.#ask(table, 'refs')
    if (answer.status === 404 && staged !== undefined) answer = await this.#create(table, staged, true, staged.location)
    if (answer.status === 200) return (await this.#vended(answer.body)).vended ?? []
    throw this.#error('source-failed', `Cannot get credentials for the files of ${formatTableName(table)}`, answer)
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #ask(table: TableName, snapshots: 'all' | 'refs'): Promise<RestAnswer> {
    const path = await this.#tablePath(table)
    return await this.#client.ask({ method: 'GET', path, query: { snapshots }, headers: this.#delegation() })
  }

  #delegation(): Readonly<Record<string, string>> {
    return vendsCredentials(this.#config) ? DELEGATION : {}
  }

  async #vended(body: unknown): Promise<{ readonly vended?: readonly VendedStorage[] }> {
    if (!vendsCredentials(this.#config)) return {}
    return { vended: readVended(body, (await this.#connect()).properties) }
  }

  #place({ namespace, name }: TableName): string | undefined {
    const base = this.#config.location?.replace(/\/+$/, '')
    return base === undefined ? undefined : [base, ...namespace, name].join('/')
  }

  #connect(): Promise<Settings> {
    this.#settings ??= this.#askSettings()
    return this.#settings
  }

  /** Defaults of the server come before what is configured here, that before what the server insists on. */
  async #askSettings(): Promise<Settings> {
    const { warehouse, prefix: own } = this.#config
    const query = warehouse === undefined ? {} : { warehouse }
    const answer = await this.#client.ask({ method: 'GET', path: '/v1/config', query })
    if (answer.status !== 200) throw this.#error('source-failed', 'Cannot connect', answer)
    const body = (answer.body ?? {}) as {
      readonly defaults?: Readonly<Record<string, string>>
      readonly overrides?: Readonly<Record<string, string>>
      readonly 'idempotency-key-lifetime'?: string
    }
    const prefix = body.overrides?.['prefix'] ?? own ?? body.defaults?.['prefix'] ?? ''
    const properties = { ...body.defaults, ...body.overrides }
    return { prefix, idempotent: body['idempotency-key-lifetime'] !== undefined, properties }
  }

  async #namespacesPath(): Promise<string> {
    const { prefix } = await this.#connect()
    return `/v1${prefix === '' ? '' : `/${prefix}`}/namespaces`
  }

  async #tablesPath({ namespace }: TableName): Promise<string> {
    return `${await this.#namespacesPath()}/${namespace.map(encodeURIComponent).join('%1F')}/tables`
  }

  async #tablePath(table: TableName): Promise<string> {
    return `${await this.#tablesPath(table)}/${encodeURIComponent(table.name)}`
  }

  async #create(
    table: TableName,
    { schema, spec, properties }: DraftTable,
    stage: boolean,
    location: string | undefined = this.#place(table),
  ): Promise<RestAnswer> {
    const place = location === undefined ? {} : { location }
    const body = { name: table.name, schema, 'partition-spec': spec, properties, 'stage-create': stage, ...place }
    const path = await this.#tablesPath(table)
    const request = { method: 'POST', path, body, headers: this.#delegation() } as const
    // Of a table that was made at once a second request would say that it is there.
    return stage ? await this.#client.ask(request) : await this.#client.send(request)
  }

  async #createNamespace({ namespace }: TableName): Promise<void> {
    const path = await this.#namespacesPath()
    const answer = await this.#client.send({ method: 'POST', path, body: { namespace, properties: {} } })
    if (answer.status === 200 || answer.status === 409) return
    throw this.#error('target-not-writable', `Cannot create the namespace ${namespace.join('.')}`, answer)
  }

  /** Some answers have only the address of the metadata. */
  async #metadata(table: TableName, body: unknown): Promise<TableMetadata> {
    const { metadata, 'metadata-location': location } = (body ?? {}) as Readonly<Record<string, unknown>>
    const name = `${this.#name}.${formatTableName(table)}`
    if ((metadata !== null && metadata !== undefined) || typeof location !== 'string') {
      return checkedMetadata(metadata, name)
    }
    return parseTableMetadata(await readTableFile(location), name)
  }

  #strange(what: string, lacks: string): SluiceError {
    const message = `its answer has no ${lacks}. Check uri and prefix of the catalog`
    return this.#error('source-failed', what, { status: undefined, message })
  }

  #error(
    code: 'source-failed' | 'target-not-writable' | 'target-moved',
    what: string,
    answer: RestAnswer,
  ): SluiceError {
    const { status, message } = answer
    const place = `${what} at the catalog ${this.#name} (${this.#config.uri}): ${message}.`
    const fix = status === undefined ? '' : (FIXES[status] ?? '')
    return new SluiceError(code, `${place}${fix}`, { retryable: status === undefined || status >= 500 })
  }
}

/** What a commit is answered by: the table as it is now. */
function saysWhatItIs(body: unknown): boolean {
  const { metadata, 'metadata-location': location } = (body ?? {}) as Readonly<Record<string, unknown>>
  return typeof location === 'string' || (typeof metadata === 'object' && metadata !== null)
}

function listsNamespaces(body: unknown): boolean {
  return Array.isArray((body as { readonly namespaces?: unknown } | undefined | null)?.namespaces)
}

interface Settings {
  readonly prefix: string
  /** The server remembers what it has done by the key of a request. */
  readonly idempotent: boolean
  /** Of all its tables. */
  readonly properties: Readonly<Record<string, string>>
}

/** Answers of servers that do not create in stages. */
const UNSTAGED: ReadonlySet<number> = new Set([400, 405, 406, 501])

const FIXES: Readonly<Record<number, string>> = {
  401: ' Check the credentials of the catalog.',
  403: ' Check what these credentials are permitted to do.',
  404: ' Check uri, prefix and warehouse of the catalog, and the name of the table.',
}
