import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventOf, recorded } from './testing/events.ts'
import { type Lake, startLake } from './testing/lake.ts'

const INVOKE = fileURLToPath(new URL('./testing/invoke.ts', import.meta.url))
const GOOD = 'id,email\n1,Ann@Example.com\n'

describe('a function in a process of its own', () => {
  let lake: Lake
  before(async () => {
    lake = await startLake()
  })
  after(async () => await lake[Symbol.asyncDispose]())

  it('logs with the keys of Powertools', async () => {
    const told = await lake.put('in/logged.csv', GOOD)
    const event = eventOf('s3-put', told)
    const { lines } = await call([event, event], {
      _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1',
    })
    const { timestamp, ...planned } = lines.find(({ message }) => message === 'planned') as Line
    assert.match(`${timestamp}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const { run_id: runId, ...rest } = planned
    assert.match(`${runId}`, /^people\.logged\.csv\./)
    assert.deepEqual(rest, {
      level: 'INFO',
      message: 'planned',
      service: 'people',
      cold_start: true,
      function_arn: 'arn:aws:lambda:us-east-1:123456789012:function:loads',
      function_memory_size: '512',
      function_name: 'loads',
      function_request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793',
      correlation_id: 'EXAMPLE123456789',
      job: 'people',
      target: 's3://silver/people/logged.csv',
      splits: 1,
      bytes: GOOD.length,
    })
    assert.deepEqual(lines.filter(({ message }) => message !== undefined).map(brief), [
      ...['planned', 'staged', 'judged', 'decided', 'committed', 'audited'].map((message) => [message, true]),
      ['committed before', false],
    ])
  })

  it('measures each run in the format of CloudWatch', async () => {
    const told = await lake.put('in/measured.csv', `${GOOD}2,bob@example.com\n`)
    const bad = await lake.put('in/bad.csv', `${GOOD},bob@example.com\n`)
    const environment = {
      POWERTOOLS_METRICS_NAMESPACE: 'Loads',
      POWERTOOLS_SERVICE_NAME: 'crm',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    }
    const { lines, answers } = await call([eventOf('s3-put', told), eventOf('s3-put', bad)], environment)
    assert.deepEqual(lines.length, 2)
    assert.equal(answers[1].errorType, 'SluiceError')
    const [first, second] = lines as [Line, Line]
    const { _aws: aws, DurationMs: duration, run_id: runId, ...values } = first
    assert.ok((duration as number) > 0)
    assert.match(`${runId}`, /^people\.measured/)
    const { Timestamp: timestamp, ...directives } = aws as Record<string, unknown>
    assert.ok(Math.abs((timestamp as number) - Date.now()) < 60_000)
    assert.deepEqual(directives, {
      CloudWatchMetrics: [
        {
          Namespace: 'Loads',
          Dimensions: [['service', 'job', 'environment']],
          Metrics: [
            { Name: 'RowsRead', Unit: 'Count' },
            { Name: 'RowsLoaded', Unit: 'Count' },
            { Name: 'RowsRejected', Unit: 'Count' },
            { Name: 'DurationMs', Unit: 'Milliseconds' },
            { Name: 'Committed', Unit: 'Count' },
            { Name: 'Failed', Unit: 'Count' },
          ],
        },
      ],
    })
    assert.deepEqual(values, {
      ...{ service: 'crm', job: 'people', environment: 'local' },
      ...{ RowsRead: 2, RowsLoaded: 2, RowsRejected: 0, Committed: 1, Failed: 0 },
      function_request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    })
    const { RowsRead, RowsLoaded, RowsRejected, Committed, Failed } = second
    assert.deepEqual([RowsRead, RowsLoaded, RowsRejected, Committed, Failed], [2, 0, 1, 0, 1])
  })

  it('tells of a failure with name, place, message, stack and cause, and of no value of a row', async () => {
    const canary = 'c4nary-7f'
    const rows = `id,email\n${canary},${canary}@example.com\n,${canary}@example.com\n3,${canary}\n`
    const told = await lake.put('in/values.csv', rows)
    const gone = { bucket: 'landing', key: 'in/nowhere.csv', etag: 'e' }
    const event = eventOf('sqs-s3', told)
    event.Records.push({ ...event.Records[0], messageId: 'strange', body: `{"${canary}":"${canary}"}` })
    const events = [event, eventOf('s3-put', gone), recorded('kinesis')]
    const { lines, stdout, answers } = await call(events, { POWERTOOLS_LOG_LEVEL: 'DEBUG' })
    assert.equal(stdout.includes(canary), false)
    assert.equal(JSON.stringify(answers).includes(canary), false)
    const failed = lines.filter(({ level }) => level === 'ERROR')
    assert.deepEqual(
      failed.map(({ message, code }) => [message, code]),
      [
        ['failed', 'validation-failed'],
        ['failed', 'usage'],
        ['failed', 'source-not-found'],
        ['failed', 'usage'],
      ],
    )
    for (const { error } of failed) {
      const { name, location, message, stack } = error as Record<string, string>
      assert.equal(name, 'SluiceError')
      assert.match(`${location}`, /\.[jt]s:\d+$/)
      assert.ok(message && stack?.startsWith(`SluiceError: ${message}\n    at `))
    }
    assert.ok(lines.some(({ level }) => level === 'DEBUG'))
  })

  it('that is killed leaves the old data, and the next delivery loads the new', async () => {
    const told = await lake.put('in/killed.csv', 'id,email\nslow,ann@example.com\n')
    const child = start([eventOf('s3-put', told)], { SLUICE_LEASE_SECONDS: '1' })
    while (lake.keys('.sluice/runs/people.killed.csv').length === 0) await sleep(20)
    child.kill('SIGKILL')
    await once(child, 'close')
    assert.deepEqual(lake.keys('people/killed'), [])
    await sleep(1_200)
    const fresh = await lake.put('in/killed.csv', GOOD)
    const { answers } = await call([eventOf('s3-put', told), eventOf('s3-put', fresh)])
    assert.deepEqual(
      answers.map(({ runs }) => runs[0].status),
      ['passed', 'committed'],
    )
    assert.equal(await lake.textAt('people/killed.csv'), 'id,email\n1,ann@example.com\n')
  })

  function start(events: readonly unknown[], env: Readonly<Record<string, string>> = {}) {
    const cache = { NODE_COMPILE_CACHE: join(tmpdir(), 'sluice-test-cache') }
    return spawn(process.execPath, ['--no-warnings', INVOKE, JSON.stringify(events)], {
      env: { ...process.env, ...cache, ...lake.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  async function call(events: readonly unknown[], env: Readonly<Record<string, string>> = {}): Promise<Called> {
    const child = start(events, env)
    const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
    return { stdout: out, lines: linesOf(out), answers: linesOf(err) }
  }
})

type Line = Readonly<Record<string, unknown>>

interface Called {
  readonly stdout: string
  readonly lines: readonly Line[]
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it answered
  readonly answers: readonly any[]
}

function brief({ message, cold_start: cold }: Line): readonly unknown[] {
  return [message, cold]
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  return (await Array.fromAsync(stream)).join('')
}

function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
