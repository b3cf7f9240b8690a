import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import type { Fault, FaultRule } from '../storage/testing/fault-proxy.ts'
import { type MessageServer, startMessageServer } from '../storage/testing/message-server.ts'
import { defineJob } from './job.ts'
import { recover } from './recovery.ts'
import { runJob } from './run.ts'
import { stateDirectory } from './state-directory.ts'
import { quiet } from './testing/run-driver.ts'
import { sandbox, unsettled } from './testing/sandbox.ts'

const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 500, code: 'InternalFailure' },
  { kind: 'status', status: 503, code: 'ServiceUnavailable' },
  { kind: 'status', status: 403, code: 'ExpiredToken' },
  { kind: 'reset' },
  { kind: 'lost-answer' },
  { kind: 'slow', milliseconds: 20 },
]
const OPERATIONS = ['GetQueueAttributes', 'SendMessageBatch', 'Publish']
const TIMES = [1, 3, Number.POSITIVE_INFINITY]
const ROWS = 25

describe('a run whose dead letters go to a queue and whose end is told to a topic', () => {
  let messages: MessageServer
  let cases = 0
  before(async () => {
    messages = await startMessageServer()
  })
  after(async () => {
    await messages[Symbol.asyncDispose]()
    console.log(`# ${cases} cases`)
  })

  for (const kind of ['a queue', 'a FIFO queue']) {
    for (const operation of OPERATIONS) {
      it(`commits all the same, and all letters arrive in ${kind}, whatever becomes of ${operation}`, async () => {
        for (const fault of FAULTS)
          for (const times of TIMES) await play(kind === 'a FIFO queue', { operation, fault, times })
      })
    }
  }

  async function play(fifo: boolean, { fault, times = 0, ...rule }: FaultRule): Promise<void> {
    using box = sandbox('messages')
    const name = `letters-${cases++}`
    const queue = fifo ? messages.queue(`${name}.fifo`, { FifoQueue: 'true' }) : messages.queue(name)
    messages.queue(`told-${name}`)
    const topic = messages.topic(name)
    messages.server.subscribe({ topic: name, queue: `told-${name}`, region: 'eu-central-1' })
    const state = join(box.path, 'state')
    messages.proxy.rules.push(Number.isFinite(times) ? { ...rule, fault, times } : { ...rule, fault })
    const report = await runJob(jobOf(box.path, queue, topic), { state, runId: name })
    messages.proxy.rules.length = 0

    assert.equal(report.status, 'committed')
    assert.equal(readFileSync(join(box.path, 'out.csv'), 'utf8'), `id,v\n${goodRows()}`)
    const what = JSON.stringify({ ...rule, fault, times })
    const refused = fault.kind === 'status' && fault.status === 403
    // A topic is asked three times.
    const passing = fault.kind === 'slow' || (!refused && times < (rule.operation === 'Publish' ? 3 : 4))
    const [notified] = report.notifications ?? []
    if (passing) assert.deepEqual([report.unfinished, notified?.status], [[], 'sent'], what)
    for (const { message } of report.unfinished) assert.match(message, /dead letters wait in .*sluice recover/, what)
    // The queue is well again: what waits is delivered.
    const { exitCode } = await recover({ state: stateDirectory(state), log: quiet })
    assert.deepEqual([exitCode, unsettled(state)], [0, []], what)
    const ids = messages.bodies(fifo ? `${name}.fifo` : name).map((body) => JSON.parse(body).id)
    assert.equal(new Set(ids).size, ROWS, what)
    if (fifo) assert.equal(ids.length, ROWS, what)
    // Nobody tells twice what the first answer may have lost, and who could not be told stands in the report.
    const told = messages.bodies(`told-${name}`).length
    assert.ok(notified?.status === 'sent' ? told >= 1 : notified?.status === 'failed', what)
  }
})

/** Half of the rows are bad. */
function jobOf(path: string, queue: string, topic: string) {
  const rows = Array.from({ length: 2 * ROWS }, (_, row) => `${row},${row % 2 === 0 ? 'good' : ''}\n`)
  writeFileSync(join(path, 'in.csv'), `id,v\n${rows.join('')}`)
  return defineJob({
    name: 'letters',
    extract: () => readCsv(join(path, 'in.csv')),
    validate: { requiredColumns: ['v'] },
    onInvalid: 'quarantine',
    deadLetters: queue,
    notify: [topic],
    load: () => writeCsv(join(path, 'out.csv')),
  })
}

function goodRows(): string {
  return Array.from({ length: ROWS }, (_, row) => `${2 * row},good\n`).join('')
}
