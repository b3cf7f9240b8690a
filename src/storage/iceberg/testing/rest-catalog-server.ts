import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyUpdates, withPrevious } from '../apply-updates.ts'
import { unmetRequirement } from '../check-requirements.ts'
import { formatLossless, parseLossless } from '../lossless-json.ts'
import { creation } from '../new-table.ts'
import type { Requirement, Update } from '../table-change.ts'
import type { TableMetadata } from '../table-metadata.ts'

/**
 * What happens to the next commit: forbidden; refused though nothing moved; failed before or after it was applied, or by
 * a proxy; the connection cut before or after; not answered, applied or not, or only when its sender has given up, or just
 * before the next one.
 */
export type CommitFault =
  | '403'
  | '409'
  | '500-before'
  | '408-after'
  | '500-after'
  | '502-after'
  | '503-before'
  | 'dropped-before'
  | 'dropped-after'
  | 'silent-before'
  | 'silent-after'
  | 'silent-late'
  /** Made just before the next commit is looked at. */
  | 'late'

/** Those after which a commit must be made all the same. */
export const COMMIT_FAULTS: readonly CommitFault[] = [
  ...([
    '409',
    '408-after',
    '500-before',
    '500-after',
    '502-after',
    '503-before',
    'dropped-before',
    'dropped-after',
  ] as const),
  ...(['silent-before', 'silent-after', 'silent-late', 'late'] as const),
]

export interface RestServerOptions {
  /** Below which tables are made. */
  readonly warehouse: string
  /** What a request must show; default nothing. */
  readonly token?: string
  /** Who they are is known, and what namespaces there are is not their business. */
  readonly unlisted?: boolean
  /** As Glue and S3 Tables: tables are made at once. */
  readonly noStages?: boolean
  /** Remembers requests by their keys. */
  readonly idempotent?: boolean
  /** What an answer says of the storage of a table, to those who ask for credentials. */
  readonly vend?: (location: string) => Readonly<Record<string, unknown>>
}

interface Request {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/**
 * A catalog of the REST protocol in this process. It is strict: what it does not know, and commits that move a branch without
 * requiring where it was, are refused.
 */
export class RestCatalogServer {
  readonly tables = new Map<string, TableMetadata>()
  readonly namespaces = new Set<string>()
  readonly requests: Request[] = []
  /** For the commits to come, in their order; undefined for none. */
  readonly faults: (CommitFault | undefined)[] = []
  /** How many of the next requests to create a table fail, with nothing done. */
  failingCreates = 0
  readonly #options: RestServerOptions
  readonly #server: Server
  /** Of commits that nobody waits for any more. */
  readonly #late: (() => void)[] = []
  readonly #remembered = new Map<string, { readonly body: string; readonly answer: Answer }>()

  private constructor(options: RestServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(options: RestServerOptions): Promise<RestCatalogServer> {
    const server = new RestCatalogServer(options)
    await new Promise<void>((done) => server.#server.listen(0, '127.0.0.1', done))
    return server
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const { method = '', url = '', headers } = request
    this.requests.push({ method, path: url, headers, body })
    const fault = this.#fault(method, url)
    if (isCommit(method, url)) for (const apply of this.#late.splice(0)) apply()
    if (fault === 'late') return void this.#late.push(() => this.#answer(method, url, headers, body))
    const answer = FAULTS_BEFORE[fault ?? ''] ?? this.#answer(method, url, headers, body)
    if (fault === 'silent-late') setTimeout(() => this.#answer(method, url, headers, body), LATE_MS)
    if (fault?.startsWith('silent')) return
    if (fault?.startsWith('dropped')) return void request.socket.destroy()
    if (fault === '408-after') return void response.writeHead(408).end()
    if (fault === '502-after') return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>')
    const { status, json } = fault === '500-after' ? failed(500, 'InternalServerError', 'injected, after') : answer
    response.writeHead(status, { 'content-type': 'application/json' }).end(formatLossless(json))
  }

  #fault(method: string, url: string): CommitFault | undefined {
    if (method !== 'POST') return undefined
    if (/\/tables$/.test(url) && this.failingCreates > 0) {
      this.failingCreates--
      return '503-before'
    }
    return isCommit(method, url) ? this.faults.shift() : undefined
  }

  #answer(method: string, url: string, headers: IncomingMessage['headers'], body: string): Answer {
    const { token } = this.#options
    if (token !== undefined && headers.authorization !== `Bearer ${token}`) {
      return failed(401, 'NotAuthorizedException', 'who are you?')
    }
    const key = headers['idempotency-key']
    if (method !== 'POST' || typeof key !== 'string' || !this.#options.idempotent) {
      return this.#withCredentials(headers, this.#route(method, url, body))
    }
    const known = this.#remembered.get(key)
    if (known !== undefined && known.body !== body)
      return failed(422, 'UnprocessableEntity', 'another body of this key')
    const answer = known?.answer ?? this.#route(method, url, body)
    if (answer.status < 500) this.#remembered.set(key, { body, answer })
    return answer
  }

  #withCredentials(headers: IncomingMessage['headers'], answer: Answer): Answer {
    const asked = headers['x-iceberg-access-delegation'] === 'vended-credentials'
    const { location } = (answer.json as { metadata?: TableMetadata }).metadata ?? {}
    if (!asked || this.#options.vend === undefined || location === undefined) return answer
    return { ...answer, json: { ...(answer.json as object), ...this.#options.vend(location) } }
  }

  #route(method: string, url: string, body: string): Answer {
    const { pathname, searchParams } = new URL(url, 'http://x')
    if (method === 'GET' && pathname === '/api/v1/config') {
      if (searchParams.get('warehouse') !== 'wh') return failed(400, 'BadRequestException', 'no such warehouse')
      const memory = this.#options.idempotent ? { 'idempotency-key-lifetime': 'PT30M' } : {}
      return { status: 200, json: { defaults: { prefix: 'no' }, overrides: { prefix: 'catalogs/wh' }, ...memory } }
    }
    const match = /^\/api\/v1\/catalogs\/wh\/namespaces(?:\/([^/]+)\/tables(?:\/([^/]+))?)?$/.exec(pathname)
    if (match === null) return { status: 404, json: 'no such path' }
    const [, namespace, table] = match.map((part) => (part === undefined ? undefined : decodeURIComponent(part)))
    const given = body === '' ? undefined : (parseLossless(body) as Readonly<Record<string, never>>)
    if (namespace === undefined) return method === 'GET' ? this.#listNamespaces() : this.#createNamespace(given)
    if (table === undefined) return this.#createTable(namespace, given)
    const name = `${namespace}\x1f${table}`
    return method === 'GET' ? this.#load(name) : this.#commit(name, given)
  }

  #listNamespaces(): Answer {
    if (this.#options.unlisted) return failed(403, 'ForbiddenException', 'not yours')
    return { status: 200, json: { namespaces: [...this.namespaces].map((name) => name.split('\x1f')) } }
  }

  #createNamespace(body: { readonly namespace?: readonly string[] } | undefined): Answer {
    const name = (body?.namespace ?? []).join('\x1f')
    if (this.namespaces.has(name)) return failed(409, 'AlreadyExistsException', name)
    this.namespaces.add(name)
    return { status: 200, json: { namespace: body?.namespace } }
  }

  #createTable(namespace: string, body: Readonly<Record<string, never>> | undefined): Answer {
    if (!this.namespaces.has(namespace)) return failed(404, 'NoSuchNamespaceException', namespace)
    const { name, schema, 'partition-spec': spec, 'stage-create': stage, ...rest } = body ?? {}
    if (stage && this.#options.noStages) return failed(400, 'BadRequestException', 'Stage create is not supported')
    const key = `${namespace}\x1f${name}`
    if (this.tables.has(key)) return failed(409, 'AlreadyExistsException', `${name}`)
    const place = [this.#options.warehouse, ...namespace.split('\x1f'), `${name}-${randomUUID().slice(0, 4)}`].join('/')
    const location = (rest['location'] as string | undefined) ?? place
    const draft = { uuid: randomUUID(), location, schema: schema as never, spec: spec as never, properties: {} }
    const metadata = applyUpdates(undefined, creation(draft))
    if (!stage) this.tables.set(key, metadata)
    return { status: 200, json: stage ? { metadata } : { metadata, 'metadata-location': `${location}/0` } }
  }

  #load(name: string): Answer {
    const metadata = this.tables.get(name)
    if (metadata === undefined) return failed(404, 'NoSuchTableException', name)
    return { status: 200, json: { metadata, 'metadata-location': 'x', config: {} } }
  }

  #commit(name: string, body: Readonly<Record<string, never>> | undefined): Answer {
    const {
      requirements,
      updates,
      identifier: _,
      ...strange
    } = (body ?? {}) as {
      readonly requirements?: readonly Requirement[]
      readonly updates?: readonly Update[]
    } & Readonly<Record<string, unknown>>
    if (requirements === undefined || updates === undefined || Object.keys(strange).length > 0) {
      return failed(400, 'BadRequestException', 'a commit is identifier, requirements and updates')
    }
    const base = this.tables.get(name)
    const guards = requirements.some(({ type }) => type === 'assert-create' || type === 'assert-table-uuid')
    const moved = updates.flatMap((update) => ('ref-name' in update ? [update['ref-name']] : []))
    const required = new Set(requirements.map((one) => ('ref' in one ? one.ref : one.type)))
    if (!guards || !(required.has('assert-create') || moved.every((ref) => required.has(ref)))) {
      return failed(400, 'BadRequestException', 'the commit does not require what it moves')
    }
    try {
      const unmet = unmetRequirement(base, requirements)
      if (unmet !== undefined) return failed(409, 'CommitFailedException', unmet)
      const applied = applyUpdates(base, updates)
      const metadata = base === undefined ? applied : withPrevious(applied, base, 'x')
      this.tables.set(name, metadata)
      return { status: 200, json: { metadata, 'metadata-location': 'x' } }
    } catch (error) {
      return failed(400, 'BadRequestException', (error as Error).message)
    }
  }
}

interface Answer {
  readonly status: number
  readonly json: unknown
}

function failed(code: number, type: string, message: string): Answer {
  return { status: code, json: { error: { message, type, code } } }
}

/** A little after those who wait for 300 ms have given up, in tests. */
const LATE_MS = 330

const FAULTS_BEFORE: Readonly<Record<string, Answer>> = {
  '403': failed(403, 'ForbiddenException', 'not yours'),
  '409': failed(409, 'CommitFailedException', 'injected'),
  '500-before': failed(500, 'InternalServerError', 'injected, before'),
  '503-before': failed(503, 'SlowDownException', 'injected, before'),
  'dropped-before': failed(500, 'none', 'never sent'),
  'silent-before': failed(500, 'none', 'never sent'),
  'silent-late': failed(500, 'none', 'never sent'),
}

function isCommit(method: string, url: string): boolean {
  return method === 'POST' && /\/tables\/[^/]+$/.test(url)
}
