import { type LentCredentials, type S3Access, type S3Credentials, type S3Grant, withAccess } from '../s3/s3-access.ts'
import { formatS3, type S3Location } from '../s3/s3-location.ts'
import type { S3Settings } from '../s3/s3-settings.ts'
import type { Catalog, StagedTable } from './catalog.ts'
import type { VendedStorage } from './vended-storage.ts'

/**
 * Reaches the files of one table with what its catalog gives, and asks the catalog anew before that ends, or when S3
 * takes it no more. Where the catalog gives nothing, files are reached as everything else is.
 */
export class TableAccess implements S3Access {
  readonly #ask: (staged: StagedTable | undefined) => Promise<readonly VendedStorage[]>
  readonly #grants = new Map<string, VendedGrant>()
  #asking: Promise<void> | undefined
  /** From when on the catalog is to be asked, and when what it gave last ends. */
  #due = 0
  #end = 0
  #staged: StagedTable | undefined

  constructor(ask: (staged: StagedTable | undefined) => Promise<readonly VendedStorage[]>) {
    this.#ask = ask
  }

  async grantAt(place: S3Location): Promise<S3Grant | undefined> {
    await this.current()
    const address = formatS3(place)
    const fitting = [...this.#grants.values()].filter(({ prefix }) => address.startsWith(prefix))
    return fitting.sort((a, b) => b.prefix.length - a.prefix.length)[0]
  }

  /** A table that its catalog does not know yet, but gives credentials for. */
  stage(staged: StagedTable): void {
    this.#staged = staged
  }

  /** The catalog, of whose answers this takes what they bring. */
  hearing(catalog: Catalog): Catalog {
    return {
      load: async (table) => {
        const loaded = await catalog.load(table)
        if (loaded?.vended !== undefined) this.#take(loaded.vended)
        return loaded
      },
      prepare: async (table, draft) => {
        const prepared = await catalog.prepare(table, draft)
        if (prepared.vended !== undefined) this.#take(prepared.vended)
        if (!prepared.created) this.stage({ ...draft, location: prepared.location })
        return prepared
      },
      probe: () => catalog.probe(),
      locationOf: (table) => catalog.locationOf(table),
      commit: (table, change, key) => catalog.commit(table, change, key),
      vend: (table, staged) => catalog.vend(table, staged),
      close: () => catalog.close(),
    }
  }

  /** Resolves when what is there will do for the next request. */
  async current(): Promise<void> {
    if (Date.now() < this.#due) return
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = undefined
    })
    await this.#asking
  }

  /** S3 takes what is there no more. */
  outdate(): void {
    this.#due = 0
    this.#end = 0
  }

  async #renew(): Promise<void> {
    try {
      this.#take(await withAccess(undefined, () => this.#ask(this.#staged)))
    } catch (error) {
      // The catalog is away, or the table belongs to somebody else by now; what is there may still do.
      if (Date.now() >= this.#end) throw error
      this.#due = Math.min(Date.now() + PAUSE_MS, this.#end)
    }
  }

  #take(vended: readonly VendedStorage[]): void {
    const now = Date.now()
    for (const one of vended) {
      const known = this.#grants.get(one.prefix)
      if (known?.takes(one)) known.replace(one)
      else this.#grants.set(one.prefix, new VendedGrant(this, one))
    }
    this.#end = Math.min(...vended.map(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt))
    this.#due = Math.max(now + LEAST_MS, this.#end - Math.min(AHEAD_MS, (this.#end - now) / 2))
  }
}

/** What reaches the files below one prefix. */
class VendedGrant implements S3Grant {
  readonly prefix: string
  readonly settings: S3Settings
  readonly credentials?: VendedCredentials

  constructor(access: TableAccess, { prefix, settings, credentials }: VendedStorage) {
    this.prefix = prefix
    this.settings = settings
    if (credentials !== undefined) this.credentials = new VendedCredentials(access, credentials)
  }

  takes({ settings, credentials }: VendedStorage): boolean {
    const same = JSON.stringify(settings) === JSON.stringify(this.settings)
    return same && (credentials === undefined) === (this.credentials === undefined)
  }

  replace({ credentials }: VendedStorage): void {
    if (credentials !== undefined) this.credentials?.replace(credentials)
  }
}

class VendedCredentials implements LentCredentials {
  version = 0
  readonly #access: TableAccess
  #credentials: S3Credentials

  constructor(access: TableAccess, credentials: S3Credentials) {
    this.#access = access
    this.#credentials = credentials
  }

  async current(): Promise<S3Credentials> {
    await this.#access.current()
    return this.#credentials
  }

  /** Of several requests that were refused at the same time the first one counts. */
  refused(version: number): void {
    if (version === this.version) this.#access.outdate()
  }

  replace(credentials: S3Credentials): void {
    if (credentials.sessionToken === this.#credentials.sessionToken) {
      if (credentials.accessKeyId === this.#credentials.accessKeyId) return
    }
    this.#credentials = credentials
    this.version++
  }
}

/** Of credentials that last; of others half of their life. */
const AHEAD_MS = 300_000
const LEAST_MS = 1_000
/** Between questions that the catalog does not answer. */
const PAUSE_MS = 10_000
