import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BodyFile } from './bodies/content.ts'
import type { Credential, Credentials } from './credentials.ts'
import { Faults } from './faults/fault.ts'
import { RequestLog } from './request-log.ts'
import { type Service, serveRequest } from './serve-request.ts'
import { Bucket, Store } from './store.ts'

export interface S3ServerOptions {
  /** Buckets that are there from the start. */
  readonly buckets?: readonly string[]
  /** By access key. Without any, everybody who signs may do everything. */
  readonly credentials?: Readonly<Record<string, Credential>>
  readonly region?: string
  /** What all parts but the last must have at least; 5 MiB, as S3 has it. */
  readonly minimumPartBytes?: number
  /** Any free one when it is left out. */
  readonly port?: number
}

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly port: number
  /** Where bodies lie, one file for each. */
  readonly directory: string
  readonly buckets: ReadonlyMap<string, Bucket>
  /** May be changed while the server runs. */
  readonly credentials: Credentials
  readonly faults: Faults
  readonly requests: RequestLog
  /** Ends all connections and removes what was stored. */
  close(): Promise<void>
}

/**
 * A strict S3 for tests: in path style, on the loopback interface, with bodies in temporary files. What it does not
 * model it answers with 501.
 */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-s3-'))
  const service = startService(directory, options)
  const { context, credentials, faults, requests } = service
  const server = createServer((message, response) => void serveRequest(message, response, service))
  const port = await listen(server, options.port ?? 0)
  const close = async () => {
    await closeServer(server)
    await rm(directory, { recursive: true, force: true })
  }
  const { buckets } = context.store
  const endpoint = `http://127.0.0.1:${port}`
  return { endpoint, port, directory, buckets, credentials, faults, requests, close, [Symbol.asyncDispose]: close }
}

function startService(directory: string, options: S3ServerOptions): Service {
  const store = new Store()
  for (const name of options.buckets ?? []) store.buckets.set(name, new Bucket())
  let files = 0
  const context: Service['context'] = {
    store,
    region: options.region ?? 'us-east-1',
    minimumPartBytes: options.minimumPartBytes ?? 5 * 1024 * 1024,
    newBodyFile: () => new BodyFile(join(directory, String(files++))),
  }
  const credentials = new Map(Object.entries(options.credentials ?? {}))
  return { context, credentials, faults: new Faults(), requests: new RequestLog() }
}

async function listen(server: Server, port: number): Promise<number> {
  // Clients that reuse an idle connection must not meet the end of it.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done))
  server.closeAllConnections()
  await closed
}
