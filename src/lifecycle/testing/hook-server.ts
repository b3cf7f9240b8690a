import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Hook {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HookServer extends AsyncDisposable {
  readonly url: string
  /** What came, in its order. */
  readonly hooks: Hook[]
  /** Answers the next requests; then all are answered by 204. Undefined: no answer at all. */
  readonly answers: (((hook: Hook, response: ServerResponse) => void) | undefined)[]
}

/** A web server that is told how runs ended. */
export async function startHookServer(): Promise<HookServer> {
  const hooks: Hook[] = []
  const answers: HookServer['answers'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const hook = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
    hooks.push(hook)
    if (answers.length === 0) response.writeHead(204).end()
    else answers.shift()?.(hook, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, hooks, answers, [Symbol.asyncDispose]: close }
}
