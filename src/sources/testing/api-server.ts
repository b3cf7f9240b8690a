import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Counted from 1, by path and query. */
  readonly time: number
}

export interface ApiServer extends AsyncDisposable {
  readonly origin: string
  /** All that was asked for, in order. */
  readonly asked: readonly Asked[]
  /** The paths and queries that were asked for. */
  readonly paths: readonly string[]
}

export type Answer = (asked: Asked, response: ServerResponse) => void | Promise<void>

/** A real server on this machine, which does what a test wants, however bad that is. */
export async function apiServer(answer: Answer): Promise<ApiServer> {
  const asked: Asked[] = []
  const times = new Map<string, number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const url = new URL(request.url as string, `http://${request.headers.host}`)
    const time = (times.get(url.href) ?? 0) + 1
    times.set(url.href, time)
    const one = { method: request.method as string, url, headers: request.headers, body, time }
    asked.push(one)
    response.on('error', () => {})
    await answer(one, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    get paths() {
      return asked.map(({ url }) => `${url.pathname}${url.search}`)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

export function json(response: ServerResponse, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function status(response: ServerResponse, code: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{"error":"as the test wants"}')
}

/** Begins to answer and breaks the connection off after so many bytes. */
export function cutOff(response: ServerResponse, body: unknown, bytes: number): void {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
  response.write(text.slice(0, bytes), () => response.socket?.resetAndDestroy())
}

export interface Item {
  readonly id: number
  readonly name: string
}

/** Rows `from` to `to`, the latter excluded. */
export function items(from: number, to: number): Item[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => ({ id: from + at, name: `item ${from + at}` }))
}

/** What a job that copies them writes. */
export function csvOf(rows: readonly Item[]): string {
  return `id,name\n${rows.map(({ id, name }) => `${id},${name}\n`).join('')}`
}

/** Three pages of ten rows by the Link field; `spoil` may answer in place of the server, and says so. */
export function threePages(
  spoil: (page: number, time: number, response: ServerResponse) => boolean | Promise<boolean>,
): Answer {
  return async ({ url, time }, response) => {
    const page = Number(url.searchParams.get('page') ?? 1)
    if (await spoil(page, time, response)) return
    const link: Record<string, string> = page < 3 ? { link: `<?page=${page + 1}>; rel=next` } : {}
    json(response, items((page - 1) * 10, page * 10), link)
  }
}

export const done = (_: unknown): boolean => true
