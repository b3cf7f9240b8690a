import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type MessageServer, startMessageServer } from '../../../storage/testing/message-server.ts'
import { ensureBuilt, sluice, workspace } from '../testing/sluice.ts'

const INPUT = 'id,email\n1,a@example.com\n2,nonsense\n3,nonsense\n'
const QUARANTINE = ['--on-invalid', 'quarantine', '--clean-email', 'email']

let messages: MessageServer
before(async () => {
  await ensureBuilt()
  messages = await startMessageServer()
  messages.server.createBucket('letters')
})
after(async () => await messages[Symbol.asyncDispose]())

function load(cwd: string, runId: string, dlq: readonly string[] = []) {
  const args = ['load', 'in.csv', 'out.csv', ...QUARANTINE, '--run-id', runId, ...dlq]
  return sluice(args, { cwd, env: messages.environment })
}

describe('sluice dlq', () => {
  it('lists the letters of a run, of a file and of a directory', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    assert.equal((await load(cwd, 'one')).code, 0)
    for (const where of ['one', join('.sluice', 'dead-letters', 'one.jsonl'), '.sluice/dead-letters']) {
      const { code, stdout } = await sluice(['dlq', 'list', where], { cwd })
      const [head = '', first = '', ...others] = stdout.trimEnd().split('\n')
      assert.deepEqual([code, others.length], [0, 1])
      assert.match(head, /^LETTER +CODE +COLUMN +STAGE +REJECTED$/)
      assert.match(first, /^one:in\.csv:2 +invalid-email +email +transform +\d{4}-/)
    }
  })

  it('shows a record with its faulty cell marked, its errors and where it comes from', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    await load(cwd, 'one')
    const { stdout } = await sluice(['dlq', 'show', 'one', 'one:in.csv:2'], { cwd })
    assert.match(stdout, /^one:in\.csv:2\n {2}run +one of the job load\n {2}origin +in\.csv, row 2, line 3, byte 25\n/)
    assert.match(stdout, /\n( {2}record +)2,nonsense\n {14}\^{8}\n/)
    assert.match(stdout, /\n {2}error +invalid-email email = "nonsense": not an e-mail address/)
    const other = await sluice(['dlq', 'show', 'one', 'one:in.csv:9'], { cwd })
    assert.deepEqual([other.code, other.stdout], [2, ''])
    assert.match(other.stderr, /There is no letter one:in\.csv:9 in one/)
  })

  it('tells of a run only its own letters, and how many it leaves out', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    await load(cwd, 'one', ['--dlq', 'all.jsonl'])
    await load(cwd, 'two', ['--dlq', 'all.jsonl'])
    const all = await sluice(['dlq', 'list', 'all.jsonl', '--json'], { cwd })
    assert.equal(all.stdout.trimEnd().split('\n').length, 4)
    const two = await sluice(['dlq', 'list', 'two', '--json', '-n', '1'], { cwd })
    assert.deepEqual(
      two.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).run_id),
      ['two'],
    )
    assert.match(two.stderr, /there are more than 1: -n shows more/)
  })

  it('reads a queue without taking a message from it, and says that it saw a sample', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    const queue = messages.queue('letters')
    const run = await load(cwd, 'queued', ['--dlq', queue])
    assert.match(run.stderr, /dead letters +sqs:\/\/\S+ +2 letters/)
    for (let round = 0; round < 2; round++) {
      const { code, stdout, stderr } = await sluice(['dlq', 'list', queue, '--json'], {
        cwd,
        env: messages.environment,
      })
      assert.deepEqual([code, stdout.trimEnd().split('\n').length], [0, 2])
      assert.match(stderr, /a sample: 2 of about 2 in the queue/)
    }
    const ofRun = await sluice(['dlq', 'show', 'queued'], { cwd, env: messages.environment })
    assert.match(ofRun.stdout, /queued:in\.csv:3/)
    const { ready = [] } = messages.server.inspectQueue('letters')?.messages ?? {}
    assert.equal(ready.length, 2, 'all are visible again')
  })

  it('finds the letters of a run behind those of others in a queue', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    const queue = messages.queue('shared')
    await load(cwd, 'one', ['--dlq', queue])
    await load(cwd, 'two', ['--dlq', queue])
    const { stdout } = await sluice(['dlq', 'list', 'two', '-n', '2'], { cwd, env: messages.environment })
    assert.match(stdout, /\ntwo:in\.csv:2 .*\ntwo:in\.csv:3 /)
  })

  it('shows what it saw where it may not make messages visible again, and says so', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const queue = messages.queue('hidden')
    await load(space.cwd, 'one', ['--dlq', queue])
    const fault = { kind: 'status', status: 400, code: 'AccessDeniedException' } as const
    messages.proxy.rules.push({ operation: 'ChangeMessageVisibilityBatch', times: 1, fault })
    const { code, stdout, stderr } = await sluice(['dlq', 'list', queue], { ...space, env: messages.environment })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /\none:in\.csv:3 /)
    assert.match(stderr, /hidden from others for 60 seconds: Cannot make messages visible again: AccessDenied/)
  })

  it('reads a prefix of S3, and follows a pointer by hand', async () => {
    using space = workspace({ 'in.csv': INPUT })
    const { cwd } = space
    const queue = `${messages.queue('few')}?maxMessages=1&overflow=s3://letters/rest/`
    await load(cwd, 'few', ['--dlq', queue])
    const shown = await sluice(['dlq', 'show', queue], { cwd, env: messages.environment })
    const [, location = ''] =
      /1 letter, more than the queue was to have: sluice dlq list (\S+)/.exec(shown.stdout) ?? []
    for (const where of [location, 's3://letters/rest/']) {
      const { stdout } = await sluice(['dlq', 'list', where], { cwd, env: messages.environment })
      assert.match(stdout, /few:in\.csv:3/)
    }
  })

  it('shows what is no letter, and control characters as escapes', async () => {
    using space = workspace({
      'odd.jsonl':
        '{"torn\n{"id":"a"}\n{"kind":"row","id":"a\\u001b[2J","run_id":"r","job":"j","errors":[],"rejected_at":"t"}\n',
    })
    const { code, stdout } = await sluice(['dlq', 'list', 'odd.jsonl'], { cwd: space.cwd })
    assert.equal(code, 0)
    assert.match(stdout, /odd\.jsonl, line 1 +no letter\n.*odd\.jsonl, line 2 +no letter/)
    assert.match(stdout, /a\\u\{1b\}\[2J/)
  })

  it('says what is wrong with what it is given', async () => {
    using space = workspace({})
    const wrong: [readonly string[], RegExp][] = [
      [['dlq', 'list', 'nothing'], /nothing is no file, no address and no run in /],
      [['dlq', 'list', 'sqs://nowhere'], /is no address of a queue/],
      [['dlq'], /Usage: sluice dlq[\s\S]*list [\s\S]*show /],
      [['dlq', 'replay', 'x'], /Unknown command 'replay'/],
      [['dlq', 'list', 'x', '-n', '0'], /--rows must be a whole number, 1 or more/],
    ]
    for (const [args, message] of wrong) {
      const { code, stderr } = await sluice(args, { cwd: space.cwd })
      assert.equal(code, 2)
      assert.match(stderr, message)
    }
  })
})
