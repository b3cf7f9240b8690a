import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { fromEnv } from '../../config/secret.ts'
import type { LogFields, RunEvent } from '../../context.ts'
import type { SluiceError } from '../../errors.ts'
import { writeCsv } from '../../sinks/csv.ts'
import { readCsv } from '../../sources/csv.ts'
import { type MessageServer, startMessageServer } from '../../storage/testing/message-server.ts'
import { claimRun } from '../claim-run.ts'
import type { Job } from '../job.ts'
import type { RunReport } from '../report.ts'
import { runJob } from '../run.ts'
import { stateDirectory } from '../state-directory.ts'
import { type HookServer, startHookServer } from '../testing/hook-server.ts'
import { quiet } from '../testing/run-driver.ts'
import { sandbox } from '../testing/sandbox.ts'
import type { Notify } from './notifiers.ts'
import { notifyEnding } from './notify-ending.ts'
import { sns } from './sns.ts'
import { webhook } from './webhook.ts'

let messages: MessageServer
let hooks: HookServer
before(async () => {
  messages = await startMessageServer()
  hooks = await startHookServer()
})
after(async () => {
  await messages[Symbol.asyncDispose]()
  await hooks[Symbol.asyncDispose]()
})
afterEach(() => {
  messages.proxy.rules.length = 0
  hooks.hooks.length = 0
  hooks.answers.length = 0
})

describe('who wants to know how a run ended', () => {
  it('hears of success and failure, each once, after the audit', async () => {
    using scene = setUp([
      webhook(hooks.url),
      webhook(hooks.url, { on: 'failure' }),
      webhook(hooks.url, { on: 'success' }),
    ])
    const report = await scene.run('good', 'id\n1\n')
    assert.deepEqual(bodies(), ['committed', 'committed'])
    assert.deepEqual(
      report.notifications?.map(({ status }) => status),
      ['sent', 'sent'],
    )
    assert.deepEqual(scene.audit('good').notifications, report.toJSON()['notifications'])
    assert.deepEqual(scene.events.slice(-3), ['RunNotified', 'RunNotified', 'RunAudited'])
    hooks.hooks.length = 0
    await assert.rejects(scene.run('bad', 'id,v\n,x\n'), { code: 'validation-failed' })
    assert.deepEqual(bodies(), ['invalid', 'invalid'])
    hooks.hooks.length = 0
    await assert.rejects(scene.run('none', undefined), { code: 'source-not-found' })
    assert.deepEqual(bodies(), ['failed', 'failed'])
  })

  it('hears nothing of a dry run or a repetition', async () => {
    using scene = setUp(hooks.url)
    await scene.run('dry', 'id\n1\n', { dryRun: true })
    assert.equal(hooks.hooks.length, 0)
    await scene.run('twice', 'id\n1\n')
    await scene.run('twice', 'id\n1\n')
    assert.equal(hooks.hooks.length, 1)
  })

  it('changes nothing of a committed run when it cannot be told; report, audit and log have it', async () => {
    using scene = setUp([webhook(hooks.url, { timeoutMs: 100 }), webhook(hooks.url, { timeoutMs: 100 })])
    hooks.answers.push(...Array.from({ length: 6 }, () => undefined))
    const report = await scene.run('silent', 'id\n1\n')
    assert.equal(report.status, 'committed')
    const { notifications = [] } = report
    assert.deepEqual(
      notifications.map(({ status }) => status),
      ['failed', 'failed'],
    )
    assert.match(notifications[0]?.error ?? '', /no answer within 100 ms/)
    assert.deepEqual(scene.audit('silent').notifications, notifications)
    assert.equal(scene.warnings.filter((message) => message === 'could not notify').length, 2)
    assert.equal(readFileSync(join(scene.path, 'out.csv'), 'utf8'), 'id\n1\n')
    assert.deepEqual(readdirSync(join(scene.path, 'state', 'runs')), [], 'the run is settled')
  })

  it('finds no secret in anything that the run writes', async () => {
    process.env['HOOK_TOKEN'] = 'C4N4RY'
    process.env['HOOK_URL'] = `${hooks.url}/C4N4RY`
    const notify = webhook(fromEnv('HOOK_URL'), {
      headers: { 'X-Api-Key': fromEnv('HOOK_TOKEN') },
      secret: () => 'C4N4RY',
    })
    using scene = setUp(notify)
    hooks.answers.push((_, response) => void response.writeHead(400).end('C4N4RY'))
    const report = await scene.run('secret', 'id\n1\n')
    assert.equal(report.notifications?.[0]?.status, 'failed')
    assert.doesNotMatch(JSON.stringify([report, scene.warnings, scene.fields, readAll(scene.path)]), /C4N4RY/)
  })

  it('is told by a topic: JSON, a subject for people, attributes for filters', async () => {
    const topic = messages.topic('runs')
    messages.queue('subscriber')
    messages.server.subscribe({ topic: 'runs', queue: 'subscriber', region: 'eu-central-1' })
    using scene = setUp(sns(topic))
    await scene.run('topic', 'id\n1\n')
    const [envelope = assert.fail()] = messages.bodies('subscriber').map((body) => JSON.parse(body))
    assert.equal(envelope.Subject, 'hooked committed in local: 1 rows loaded (run topic)')
    const { schema_version, status, rows } = JSON.parse(envelope.Message)
    assert.deepEqual([schema_version, status, rows.loaded], ['1.0', 'committed', 1])
    const attributes = Object.entries(envelope.MessageAttributes as Record<string, { Value: string }>)
    assert.deepEqual(Object.fromEntries(attributes.map(([name, { Value }]) => [name, Value])), {
      job: 'hooked',
      environment: 'local',
      status: 'committed',
    })
  })

  it('is told once by a FIFO topic whose answer got lost, and not at all by one that is not there', async () => {
    await new SNSClient({}).send(new CreateTopicCommand({ Name: 'runs.fifo', Attributes: { FifoTopic: 'true' } }))
    messages.queue('ordered.fifo', { FifoQueue: 'true' })
    messages.server.subscribe({ topic: 'runs.fifo', queue: 'ordered.fifo', region: 'eu-central-1' })
    messages.proxy.rules.push({ operation: 'Publish', times: 1, fault: { kind: 'lost-answer' } })
    using scene = setUp([
      sns('arn:aws:sns:eu-central-1:000000000000:runs.fifo'),
      'arn:aws:sns:eu-central-1:000000000000:nowhere',
    ])
    const { notifications = [] } = await scene.run('fifo', 'id\n1\n')
    assert.deepEqual(
      notifications.map(({ status }) => status),
      ['sent', 'failed'],
    )
    assert.match(notifications[1]?.error ?? '', /Check the ARN/)
    const { ready = [] } = messages.server.inspectQueue('ordered.fifo')?.messages ?? {}
    assert.equal(ready.length, 1)
    assert.equal(ready[0]?.messageGroupId, 'hooked')
  })

  it('is told anew when a run in doubt comes to its end, and once of each ending', async () => {
    using box = sandbox('notify')
    const [header, notify] = [
      { runId: 'doubt', job: 'j', fingerprint: 'f', startedAt: 'now' },
      [webhook(hooks.url).plan],
    ]
    const claim = await claimRun(stateDirectory(box.path), { ...header, deadLetters: null, audit: {}, notify }, quiet)
    assert.ok(claim.kind === 'claimed')
    await using run = claim.run
    const endings = ['in_doubt', 'in_doubt', 'committed', 'committed'] as const
    for (const status of endings) await notifyEnding(run, { status, report: {} })
    assert.deepEqual(bodies(), ['in_doubt', 'committed'])
    assert.equal(new Set(hooks.hooks.map(({ headers }) => headers['idempotency-key'])).size, 2)
  })

  it('is refused when it is nobody', () => {
    using scene = setUp('mailto:me@example.com')
    return assert.rejects(scene.run('nobody', 'id\n1\n'), { code: 'job-invalid', message: /notify must be sns/ })
  })
})

interface Scene extends Disposable {
  readonly path: string
  readonly events: string[]
  readonly warnings: string[]
  readonly fields: LogFields[]
  run(runId: string, input: string | undefined, more?: { readonly dryRun?: boolean }): Promise<RunReport>
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  audit(runId: string): any
}

function setUp(notify: Notify): Scene {
  const box = sandbox('notify')
  const { path } = box
  const [events, warnings, fields] = [[] as string[], [] as string[], [] as LogFields[]]
  const job = {
    name: 'hooked',
    extract: readCsv(join(path, 'in.csv')),
    validate: { requiredColumns: ['id'] },
    load: writeCsv(join(path, 'out.csv')),
    notify,
  } as Job
  const keep = (field: LogFields, message: string) => {
    fields.push(field)
    warnings.push(message)
  }
  const log = { debug() {}, info: (field: LogFields) => void fields.push(field), warn: keep, error: keep }
  const onEvent = (event: RunEvent) => void events.push(event.type)
  return {
    ...{ path, events, warnings, fields },
    run: async (runId, input, more = {}) => {
      const file = join(path, 'in.csv')
      // A file that is written anew is another input.
      if (input === undefined) rmSync(file, { force: true })
      else if (!existsSync(file) || readFileSync(file, 'utf8') !== input) writeFileSync(file, input)
      return await runJob(job, { runId, state: join(path, 'state'), log, onEvent, ...more })
    },
    audit: (runId) => JSON.parse(readFileSync(join(path, 'state', 'audit', `${runId}.json`), 'utf8')),
    [Symbol.dispose]: () => box[Symbol.dispose](),
  }
}

function bodies(): readonly SluiceError['code'][] {
  return hooks.hooks.map(({ body }) => JSON.parse(body).status)
}

function readAll(directory: string): readonly string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
}
