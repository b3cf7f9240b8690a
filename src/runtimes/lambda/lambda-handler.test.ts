import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { defineJob } from '../../lifecycle/job.ts'
import { writeCsv } from '../../sinks/csv.ts'
import { readCsv } from '../../sources/csv.ts'
import type { LambdaContext } from './lambda-context.ts'
import { lambdaHandler } from './lambda-handler.ts'
import type { LambdaOptions } from './lambda-options.ts'
import { batchOf, type Event, eventOf, recorded } from './testing/events.ts'
import { fakeContext } from './testing/fake-context.ts'
import { type Lake, startLake } from './testing/lake.ts'
import { keepingLogger } from './testing/lines.ts'
import { peopleJob } from './testing/people-job.ts'

const GOOD = 'id,email\n1,Ann@Example.com\n'
const LOADED = 'id,email\n1,ann@example.com\n'
const BAD = 'id,email\n,ann@example.com\n'
const SLOW = 'id,email\nslow,ann@example.com\n'

describe('a handler', () => {
  let lake: Lake
  before(async () => {
    lake = await startLake()
    Object.assign(process.env, lake.env)
  })
  after(async () => await lake[Symbol.asyncDispose]())

  for (const shape of ['s3-put', 'eventbridge-object-created', 'sns-s3', 'sqs-s3', 'sqs-sns-s3', 'sqs-fifo-s3']) {
    it(`loads the object of ${shape} once, however often it is told of it`, async () => {
      const name = `${shape} ä+b.csv`
      const told = await lake.put(`in/${name}`, GOOD)
      const first = await invoke(eventOf(shape, told))
      assert.equal(await lake.textAt(`people/${name}`), LOADED)
      const again = await invoke(eventOf(shape, told))
      assert.equal(commitsOf(name), 1)
      if (shape.startsWith('sqs')) return assert.deepEqual([first, again], [NO_FAILURE, NO_FAILURE])
      assert.deepEqual([statusOf(first), statusOf(again)], ['committed', 'repeated'])
      assert.equal(first.runs[0].runId, again.runs[0].runId)
    })
  }

  it('knows an object that it has loaded when it is gone, or when the job has changed since', async () => {
    const told = await lake.put('in/gone.csv', GOOD)
    await invoke(eventOf('s3-put', told))
    lake.server.buckets.get('landing')?.delete('in/gone.csv')
    assert.equal(statusOf(await invoke(eventOf('s3-put', told), {}, { params: () => ({ more: 'x' }) })), 'repeated')
    assert.equal(commitsOf('gone.csv'), 1)
  })

  it('runs again for an object that failed, also with a job that was put right', async () => {
    const told = await lake.put('in/failed.csv', BAD)
    await assert.rejects(invoke(eventOf('s3-put', told)), { name: 'SluiceError', code: 'validation-failed' })
    const letters = lake.keys('.sluice/dead-letters/people.failed.csv.')
    assert.equal(letters.length, 1, 'rejected rows outlive the function')
    const right = { ...peopleJob(), validate: {} }
    assert.equal(statusOf(await invoke(eventOf('s3-put', told), { job: right })), 'committed')
    assert.match(`${await lake.textAt('people/failed.csv')}`, /,ann@example\.com/)
  })

  it('returns a message whose dead letters could not be delivered; the next delivery does it, and no more', async () => {
    const told = await lake.put('in/letters.csv', `${GOOD},bob@example.com\n`)
    await delivers(eventOf('sqs-s3', told), 'letters.csv', 'people.letters')
    const params = await lake.put('in/params.csv', `${GOOD},bob@example.com\n`)
    const source = `s3://${params.bucket}/${params.key}`
    await delivers(messageOf({ params: { source } }, 'of-its-own'), 'params.csv', 'people.event.')
    await delivers(messageOf({ params: { source }, runId: 'named' }, 'again'), 'params.csv', 'named', 2)
  })

  /** Whatever asks for the run: its letters are delivered by the second delivery. */
  async function delivers(event: Event, name: string, letters: string, commits = 1): Promise<void> {
    const job = { ...peopleJob(), onInvalid: 'quarantine' as const }
    const place = new RegExp(`^\\.sluice/dead-letters/${letters}`)
    const fault = lake.server.faults.add({
      operation: '*',
      key: place,
      fault: { kind: 'status', status: 403, code: 'AccessDenied' },
    })
    const log = keepingLogger()
    assert.deepEqual(await invoke(event, { job, logger: log }), failures(event.Records[0].messageId))
    assert.equal(log.lines.at(-1)?.message, 'committed, with something left to do')
    const here = () => lake.keys(`.sluice/dead-letters/${letters}`).length
    assert.deepEqual([commitsOf(name), here()], [commits, 0])
    fault.remove()
    assert.deepEqual(await invoke(event, { job }), NO_FAILURE)
    assert.deepEqual([commitsOf(name), here()], [commits, 1])
  }

  it('gives the context to a logger that asks for it', async () => {
    const names: string[] = []
    const logger = {
      ...keepingLogger(),
      addContext: ({ functionName }: LambdaContext) => void names.push(functionName),
    }
    await invoke(recorded('s3-test-event'), { logger })
    assert.deepEqual(names, ['loads'])
  })

  it('tells of a configuration that is wrong', async () => {
    const told = await lake.put('in/config.csv', GOOD)
    const log = keepingLogger()
    const event = eventOf('sqs-s3', told)
    const answer = await invoke(event, { logger: log }, { environment: 'moon' })
    assert.deepEqual(answer, failures(event.Records[0].messageId))
    assert.deepEqual(
      log.lines.map(({ code }) => code),
      ['environment-unavailable'],
    )
  })

  it('leaves an object that was replaced since to the event of the new one', async () => {
    const old = await lake.put('in/replaced.csv', GOOD)
    const fresh = await lake.put('in/replaced.csv', `${GOOD}2,bob@example.com\n`)
    assert.equal(statusOf(await invoke(eventOf('s3-put', old))), 'passed')
    assert.equal(statusOf(await invoke(eventOf('s3-put', fresh))), 'committed')
    assert.equal(commitsOf('replaced.csv'), 1)
  })

  it('does nothing for the test of S3, for what was removed and for what is hidden', async () => {
    assert.deepEqual(await invoke(recorded('s3-test-event')), { runs: [] })
    const hidden = await lake.put('in/_runs/r/part.csv', GOOD)
    const removed = eventOf('s3-put', await lake.put('in/removed.csv', GOOD))
    removed.Records[0].eventName = 'ObjectRemoved:Delete'
    for (const event of [eventOf('s3-put', hidden), removed]) assert.equal(statusOf(await invoke(event)), 'passed')
    assert.deepEqual(lake.keys('people/removed'), [])
  })

  it('runs one object after the other, and fails in the end when one has', async () => {
    const objects = [await lake.put('in/one.csv', BAD), await lake.put('in/two.csv', GOOD)]
    const Records = objects.flatMap((told) => eventOf('s3-put', told).Records)
    await assert.rejects(invoke({ Records }), { code: 'validation-failed' })
    assert.equal(await lake.textAt('people/two.csv'), LOADED)
    assert.deepEqual(lake.keys('people/one'), [])
  })

  it('answers a direct invocation with the report, and a failure with an error that has a name and a code', async () => {
    const { bucket, key } = await lake.put('in/direct.csv', GOOD)
    const params = { source: `s3://${bucket}/${key}` }
    const report = await invoke({ params, runId: 'direct-1' })
    assert.deepEqual([report.run_id, report.status, report.rows.loaded], ['direct-1', 'committed', 1])
    const missing = { name: 'SluiceError', code: 'usage', message: /The job people needs the param source/ }
    await assert.rejects(invoke({}), missing)
    const nowhere = { params: { source: 's3://landing/nowhere.csv' } }
    await assert.rejects(invoke(nowhere), { name: 'SluiceError', code: 'source-not-found' })
  })

  it('gives the job the params of its own option, and the params of the event', async () => {
    const seen: object[] = []
    const job = {
      ...peopleJob(),
      load: (context: { params: object }) => {
        seen.push(context.params)
        return writeCsv('s3://silver/people/params.csv')
      },
    }
    const told = await lake.put('in/a b.csv', GOOD)
    await invoke(eventOf('s3-put', told), { job }, { params: ({ etag = '' }) => ({ etag, bucket: 'mine' }) })
    const expected = { bucket: 'mine', key: 'in/a b.csv', source: 's3://landing/in/a b.csv', etag: told.etag }
    assert.deepEqual(seen.at(-1), expected)
  })

  it('returns the messages of a batch that failed, and loads the others', async () => {
    const objects = [
      await lake.put('in/b0.csv', GOOD),
      await lake.put('in/b1.csv', BAD),
      { bucket: 'landing', key: 'in/b2-is-not-there.csv', etag: 'e' },
      await lake.put('in/b3.csv', GOOD),
    ]
    const batch = batchOf('sqs-s3', objects)
    batch.Records.push({ ...batch.Records[0], messageId: 'strange', body: '{"hello":"world"}' })
    const log = keepingLogger()
    assert.deepEqual(await invoke(batch, { logger: log }), failures('message-1', 'message-2', 'strange'))
    assert.deepEqual(lake.keys('people/b'), ['people/b0.csv', 'people/b3.csv'])
    const errors = log.lines.filter(({ level }) => level === 'error')
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['validation-failed', 'source-not-found', 'usage'],
    )
  })

  it('stops a batch of a FIFO queue at the first failure, and returns all that follow', async () => {
    const objects = [
      await lake.put('in/fifo0.csv', GOOD),
      await lake.put('in/fifo1.csv', BAD),
      await lake.put('in/fifo2.csv', GOOD),
    ]
    assert.deepEqual(await invoke(batchOf('sqs-fifo-s3', objects)), failures('message-1', 'message-2'))
    assert.deepEqual(lake.keys('people/fifo'), ['people/fifo0.csv'])
  })

  it('takes params out of a message, and runs once however often that is delivered', async () => {
    const { bucket, key } = await lake.put('in/message.csv', GOOD)
    const event = messageOf({ params: { source: `s3://${bucket}/${key}` } })
    assert.deepEqual([await invoke(event), await invoke(event)], [NO_FAILURE, NO_FAILURE])
    assert.equal(commitsOf('message.csv'), 1)
  })

  it('returns a message whose run is at work elsewhere, with no more than a warning', async () => {
    const told = await lake.put('in/live.csv', SLOW)
    const log = keepingLogger()
    const first = invoke(eventOf('s3-put', told), { milliseconds: 3_000 }, { marginMs: 1_000 })
    while (lake.keys('.sluice/runs/people.live.csv').length === 0) await new Promise((wake) => setTimeout(wake, 20))
    const second = await invoke(eventOf('sqs-s3', told), { logger: log })
    assert.deepEqual(second, failures(recorded('sqs-s3').Records[0].messageId))
    assert.deepEqual(log.lines.map(({ level, code }) => [level, code]).at(-1), ['warn', 'run-live'])
    await assert.rejects(first, { code: 'deadline-exceeded' })
  })

  it('aborts a run before the time of the function is over, leaves nothing and says so', async () => {
    const told = await lake.put('in/late.csv', SLOW)
    const started = Date.now()
    const run = invoke(eventOf('s3-put', told), { milliseconds: 2_500 }, { marginMs: 2_000 })
    await assert.rejects(run, {
      name: 'SluiceError',
      code: 'deadline-exceeded',
      message: /aborted 2 s before the function times out\. Nothing was written/,
    })
    const took = Date.now() - started
    assert.ok(took >= 450 && took < 2_500, `it took ${took} ms`)
    assert.deepEqual([lake.keys('people/late'), lake.openUploads()], [[], 0])
    assert.deepEqual([...lake.keys('.sluice/runs/'), ...lake.keys('.sluice/leases/')], [])
    // The next delivery finds the field clear.
    await lake.put('in/late.csv', GOOD)
  })

  it('does not begin what it has no time for', async () => {
    const objects = [await lake.put('in/time0.csv', SLOW), await lake.put('in/time1.csv', GOOD)]
    const answer = await invoke(batchOf('sqs-s3', objects), { milliseconds: 1_500 }, { marginMs: 1_200 })
    assert.deepEqual(answer, failures('message-0', 'message-1'))
    const event = { Records: objects.flatMap((told) => eventOf('s3-put', told).Records) }
    const late = invoke(event, { milliseconds: 1_500 }, { marginMs: 1_200 })
    await assert.rejects(late, { code: 'deadline-exceeded' })
    assert.deepEqual(lake.keys('people/time'), [])
  })

  it('keeps the state where it is told to, and leaves no copy of it behind', async () => {
    const told = await lake.put('in/state.csv', GOOD)
    const answer = await invoke(eventOf('s3-put', told), {}, { state: 's3://silver/elsewhere' })
    assert.deepEqual(lake.keys('elsewhere/ledger/'), [`elsewhere/ledger/${answer.runs[0].runId}.json`])
  })

  it('refuses a state that would go with the function', async () => {
    const told = await lake.put('in/local.csv', GOOD)
    const event = eventOf('s3-put', told)
    const local = { code: 'config-invalid', message: /^In Lambda the state cannot lie in \.sluice-here \(--state\)/ }
    await assert.rejects(invoke(event, {}, { state: '.sluice-here' }), local)
    const job = defineJob({ name: 'here', extract: readCsv('in.csv'), load: writeCsv('out.csv') })
    const nowhere = { code: 'config-invalid', message: /the job here does not write to S3/ }
    await assert.rejects(invoke({}, { job }), nowhere)
    const state = `/tmp/sluice-lambda-state-${process.pid}`
    assert.equal(statusOf(await invoke(event, {}, { state })), 'committed')
  })

  it('refuses options that nobody knows when it is made', () => {
    assert.throws(() => lambdaHandler(peopleJob(), { margin: 3 } as never), {
      code: 'job-invalid',
      message: /marginMs/,
    })
    assert.throws(() => lambdaHandler({} as never), { code: 'job-invalid' })
  })

  async function invoke(
    event: unknown,
    { job = peopleJob(), logger = keepingLogger(), milliseconds = 60_000 } = {},
    options: LambdaOptions = {},
    // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it answers
  ): Promise<any> {
    return await lambdaHandler(job, { metrics: false, logger, ...options })(event, fakeContext(milliseconds))
  }

  /** How often the object was written. */
  function commitsOf(name: string): number {
    return lake.server.requests.entries.filter(({ operation, key, status }) => {
      return operation === 'CompleteMultipartUpload' && key === `people/${name}` && status === 200
    }).length
  }
})

const NO_FAILURE = { batchItemFailures: [] }

function failures(...ids: readonly string[]): object {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }
}

/** A batch of one message. */
function messageOf(body: object, messageId = 'message'): Event {
  const [record] = recorded('sqs-s3').Records
  return { Records: [{ ...record, messageId, body: JSON.stringify(body) }] }
}

function statusOf(answer: Event): string {
  return answer.runs[0].status
}
