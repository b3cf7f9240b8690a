import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { CrashPoint } from '../storage/crash-point.ts'
import { type MessageServer, startMessageServer } from '../storage/testing/message-server.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { endOf, startScript } from './testing/children.ts'
import { type HookServer, startHookServer } from './testing/hook-server.ts'
import type { RemoteRun } from './testing/remote-run.ts'
import { quiet } from './testing/run-driver.ts'
import { sandbox, unsettled } from './testing/sandbox.ts'

const SCRIPT = fileURLToPath(new URL('./testing/remote-run.ts', import.meta.url))
const BAD = 35
/** From the decision to the end, in the order in which a run passes them. */
const STEPS: readonly CrashPoint[] = [
  ...(['run-decided', 'outcome-journaled', 'staging-released'] as const),
  ...(['letters-sent', 'letters-sent-journaled', 'letters-appended', 'letters-journaled'] as const),
  ...(['audit-written', 'ledger-written', 'notification-sent', 'notification-journaled'] as const),
  ...(['run-audited', 'run-settled'] as const),
]

let messages: MessageServer
let hooks: HookServer
before(async () => {
  messages = await startMessageServer()
  messages.server.createBucket('letters')
  hooks = await startHookServer()
})
after(async () => {
  await messages[Symbol.asyncDispose]()
  await hooks[Symbol.asyncDispose]()
})
afterEach(() => {
  hooks.hooks.length = 0
})

describe('a run that is killed while it tells others', () => {
  for (const step of STEPS) {
    it(`at ${step} leaves each letter once on a FIFO queue, and everybody is told by recovery`, async () => {
      const name = `${step}.fifo`
      using scene = setUp(messages.queue(name, { FifoQueue: 'true' }))
      const { killed } = await endOf(startScript(SCRIPT, scene.run, { SLUICE_CRASH_AT: step }))
      assert.ok(killed, 'the step is passed')
      await settle(scene)
      const ids = messages.bodies(name).map((body) => JSON.parse(body).id)
      assert.deepEqual([ids.length, new Set(ids).size], [BAD, BAD])
      checkHooks(step === 'notification-sent' ? 2 : 1)
    })
  }

  for (const step of ['letters-sent', 'letters-sent-journaled', 'letters-appended'] as const) {
    it(`at ${step} leaves every letter on a queue, and none more than twice`, async () => {
      using scene = setUp(messages.queue(step))
      await endOf(startScript(SCRIPT, scene.run, { SLUICE_CRASH_AT: step }))
      await settle(scene)
      const counts = Object.values(Object.groupBy(messages.bodies(step), (body) => JSON.parse(body).id))
      assert.equal(counts.length, BAD)
      assert.ok(counts.every((copies = []) => copies.length <= 2))
    })
  }

  for (const step of ['outcome-journaled', 'letters-appended', 'letters-journaled'] as const) {
    it(`at ${step} leaves one object on S3`, async () => {
      using scene = setUp(`s3://letters/${step}/`)
      await endOf(startScript(SCRIPT, scene.run, { SLUICE_CRASH_AT: step }))
      await settle(scene)
      const report = scene.report()
      assert.deepEqual(report.dead_letters, {
        path: `s3://letters/${step}/run.jsonl`,
        letters: BAD,
        delivered: true,
      })
    })
  }
})

describe('a run whose letters cannot be delivered', () => {
  it('is committed all the same; recover delivers them when the queue is there', async () => {
    using scene = setUp('sqs://sqs.eu-central-1.amazonaws.com/000000000000/later')
    const { result } = await endOf(startScript(SCRIPT, scene.run))
    assert.deepEqual([result.report.status, result.report.dead_letters.delivered], ['committed', false])
    const early = await recover({ state: stateDirectory(scene.run.state), log: quiet })
    assert.deepEqual([early.exitCode, early.runs[0]?.action], [5, 'unsettled'])
    messages.queue('later')
    await settle(scene)
    assert.equal(messages.bodies('later').length, BAD)
    checkHooks(1)
  })

  it('for another reason than its rows leaves one letter that says so', async () => {
    using scene = setUp(messages.queue('failed'))
    await endOf(startScript(SCRIPT, { ...scene.run, input: join(scene.run.state, 'nothing.csv') }))
    const [letter = assert.fail(), ...others] = messages.bodies('failed').map((body) => JSON.parse(body))
    assert.deepEqual([letter.kind, letter.errors[0].code, others.length], ['run', 'source-not-found', 0])
    assert.equal(messages.messages('failed')[0]?.attributes['kind'], 'run')
  })
})

describe('a run that talks to nobody', () => {
  it('loads nothing of AWS; one with a queue does', async () => {
    using scene = setUp(messages.queue('loading'))
    const { deadLetters: _, notify: __, ...local } = scene.run
    const { result } = await endOf(startScript(SCRIPT, { ...local, runId: 'local' }))
    assert.deepEqual([result.report.status, result.report.rows.rejected, result.aws], ['committed', BAD, 0])
    assert.ok(result.modules > 50, 'the hooks see what is loaded')
    const remote = await endOf(startScript(SCRIPT, scene.run))
    assert.ok(remote.result.aws > 0)
  })
})

interface Scene extends Disposable {
  readonly run: RemoteRun
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  report(): any
}

function setUp(deadLetters: string): Scene {
  const box = sandbox('remote')
  const [input, target, state] = ['in.csv', 'out.csv', 'state'].map((name) => join(box.path, name)) as [
    string,
    string,
    string,
  ]
  const rows = Array.from({ length: BAD }, (_, row) => `${row},x\n`)
  writeFileSync(input, `id,v\n0,1\n${rows.join('')}`)
  const run: RemoteRun = { input, target, state, runId: 'run', deadLetters, notify: [hooks.url] }
  return {
    run,
    report: () => JSON.parse(readFileSync(join(state, 'ledger', 'run.json'), 'utf8')).report,
    [Symbol.dispose]: () => box[Symbol.dispose](),
  }
}

async function settle({ run, report }: Scene): Promise<void> {
  const { exitCode, runs } = await recover({ state: stateDirectory(run.state), log: quiet })
  assert.equal(exitCode, 0, JSON.stringify(runs))
  assert.deepEqual(unsettled(run.state), [])
  assert.deepEqual(
    report().notifications.map(({ status }: { status: string }) => status),
    ['sent'],
  )
  assert.equal(readFileSync(run.target, 'utf8'), 'id,v\n0,1\n')
}

/** However often it was sent: one key, one run. */
function checkHooks(times: number): void {
  assert.equal(hooks.hooks.length, times)
  assert.equal(new Set(hooks.hooks.map(({ headers }) => headers['idempotency-key'])).size, 1)
  for (const { body } of hooks.hooks) assert.equal(JSON.parse(body).status, 'committed')
}
