import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

const ACCOUNT = '000000000000'
const REGION = 'eu-central-1'

/** SQS, SNS and plain puts of S3 in this process, behind a proxy that spoils the talk when it is told to. */
export interface MessageServer extends AsyncDisposable {
  readonly proxy: FaultProxy
  readonly server: FauxqsServer
  /** What AWS clients need in their environment; this process has it. */
  readonly environment: Readonly<Record<string, string>>
  /** Makes a queue and returns its address. */
  queue(name: string, attributes?: Record<string, string>): string
  topic(name: string): string
  /** The bodies in a queue, whether visible or not. */
  bodies(name: string): readonly string[]
  /** What all the messages in a queue are, likewise. */
  messages(name: string): readonly { readonly body: string; readonly attributes: Readonly<Record<string, string>> }[]
}

export async function startMessageServer(): Promise<MessageServer> {
  const server = await startFauxqs({ port: 0, logger: false, defaultRegion: REGION })
  const proxy = await startFaultProxy(server.address.replace('localhost', '127.0.0.1'))
  const environment = {
    AWS_ENDPOINT_URL_SQS: proxy.url,
    AWS_ENDPOINT_URL_SNS: proxy.url,
    AWS_ENDPOINT_URL_S3: proxy.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
  }
  Object.assign(process.env, environment)
  const messages = (name: string) => messagesIn(server, name)
  return {
    proxy,
    server,
    environment,
    queue: (name, attributes = {}) => {
      server.createQueue(name, { region: REGION, attributes })
      return `sqs://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`
    },
    topic: (name) => server.createTopic(name, { region: REGION }).topicArn,
    messages,
    bodies: (name) => messages(name).map(({ body }) => body),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

function messagesIn(server: FauxqsServer, name: string) {
  const { ready = [], delayed = [], inflight = [] } = server.inspectQueue(name)?.messages ?? {}
  return [...ready, ...delayed, ...inflight.map(({ message }) => message)].map(({ body, messageAttributes }) => ({
    body,
    attributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([key, { StringValue = '' }]) => [key, StringValue]),
    ),
  }))
}
