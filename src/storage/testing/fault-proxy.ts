import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to a request on its way to the server behind. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** The connection breaks before the server hears of the request. */
  | { readonly kind: 'reset' }
  /** The server does what it is asked to; its answer never comes. */
  | { readonly kind: 'lost-answer' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** The server gets another request, or the client another answer. */
  | { readonly kind: 'edit'; readonly request?: (body: string) => string; readonly answer?: (body: string) => string }

export interface FaultRule {
  /** Such as `SendMessageBatch`; default any. */
  readonly operation?: string
  /** How often; default for ever. */
  times?: number
  readonly fault: Fault
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** The first one that fits holds. */
  readonly rules: FaultRule[]
  /** The operations that were asked for, in their order. */
  readonly log: string[]
}

/** Stands before a server that speaks SQS's JSON or SNS's query protocol and spoils some of the talk. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const rules: FaultRule[] = []
  const log: string[] = []
  const agent = new Agent({ keepAlive: true })
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming)
    const operation = operationOf(incoming, body)
    log.push(operation)
    const rule = rules.find((one) => (one.operation ?? operation) === operation && one.times !== 0)
    if (rule?.times !== undefined) rule.times--
    await serve({ incoming, outgoing, body, target: new URL(target), agent }, rule?.fault)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = async () => {
    server.closeAllConnections()
    server.close()
    agent.destroy()
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, rules, log, [Symbol.asyncDispose]: close }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly body: Buffer
  readonly target: URL
  readonly agent: Agent
}

async function serve(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  const { incoming, outgoing } = exchange
  switch (fault?.kind) {
    case 'status':
      return refuse(exchange, fault)
    case 'reset':
      return void incoming.socket.resetAndDestroy()
    case 'lost-answer':
      await forward(exchange, exchange.body)
      return void incoming.socket.resetAndDestroy()
    case 'slow':
      await sleep(fault.milliseconds)
  }
  const { request: sent = same, answer: received = same } = fault?.kind === 'edit' ? fault : {}
  const answer = await forward(exchange, sent === same ? exchange.body : Buffer.from(sent(exchange.body.toString())))
  const text = received === same ? answer.body : Buffer.from(received(answer.body.toString()))
  // The answer to a HEAD tells a length and has none.
  const length = incoming.method === 'HEAD' ? {} : { 'content-length': String(text.length) }
  outgoing.writeHead(answer.status, { ...answer.headers, ...length }).end(text)
}

function same(text: string): string {
  return text
}

function refuse({ incoming, outgoing }: Exchange, { status, code }: Extract<Fault, { kind: 'status' }>): void {
  const json = incoming.headers['x-amz-target'] !== undefined
  const text = json
    ? JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: `${code} on purpose` })
    : `<ErrorResponse><Error><Code>${code}</Code><Message>${code} on purpose</Message></Error></ErrorResponse>`
  outgoing.writeHead(status, { 'content-type': json ? 'application/x-amz-json-1.0' : 'text/xml' }).end(text)
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function forward({ incoming, target, agent }: Exchange, body: Buffer): Promise<Answer> {
  const { hostname: host, port } = target
  const { method, url: path } = incoming
  const headers = { ...incoming.headers, 'content-length': String(body.length) }
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, agent, method, path, headers }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) })
    })
    asked.on('error', reject).end(body)
  })
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function operationOf({ headers, method }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target.split('.').at(-1) as string
  return /(?:^|&)Action=(\w+)/.exec(body.toString('latin1', 0, 2000))?.[1] ?? method ?? ''
}
