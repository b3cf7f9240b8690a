import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type MessageServer, startMessageServer } from '../../storage/testing/message-server.ts'
import { claimRun } from '../claim-run.ts'
import type { SealedLetters } from '../journal-record.ts'
import type { OpenRun } from '../open-run.ts'
import { stateDirectory } from '../state-directory.ts'
import { quiet } from '../testing/run-driver.ts'
import { sandbox } from '../testing/sandbox.ts'
import { letterPlace, sqs } from './letter-place.ts'
import { postLetters } from './post-letters.ts'
import { readLetters } from './read-letters.ts'

let server: MessageServer
before(async () => {
  server = await startMessageServer()
  server.server.createBucket('letters')
})
after(async () => await server[Symbol.asyncDispose]())

describe('dead letters on their way to a queue', () => {
  it('are messages of their own, with what subscribers filter by', async () => {
    await using scene = await setUp(server.queue('plain'), 25)
    await scene.post()
    assert.deepEqual(server.bodies('plain').toSorted(), scene.lines.toSorted())
    const { attributes } = server.messages('plain')[0]!
    assert.deepEqual(attributes, { job: 'job', run_id: 'run', kind: 'row', code: 'bad' })
    assert.equal(scene.run.progress.lettersDelivered, true)
  })

  it('survive a busy service, connections that break, slow answers and batches of which a part failed', async () => {
    await using scene = await setUp(server.queue('faulty'), 30)
    server.proxy.rules.push(
      { operation: 'SendMessageBatch', times: 1, fault: { kind: 'status', status: 503, code: 'ServiceUnavailable' } },
      { operation: 'SendMessageBatch', times: 1, fault: { kind: 'reset' } },
      { operation: 'SendMessageBatch', times: 1, fault: { kind: 'slow', milliseconds: 50 } },
      { operation: 'SendMessageBatch', times: 1, fault: partialFailure(false) },
      { operation: 'SendMessage', times: 1, fault: { kind: 'status', status: 500, code: 'InternalFailure' } },
    )
    await scene.post()
    assert.ok(server.proxy.log.includes('SendMessage'), 'failed messages are sent alone')
    assert.deepEqual(server.bodies('faulty').toSorted(), scene.lines.toSorted())
  })

  it('are told by their ids when SQS refuses them, and the others are there', async () => {
    await using scene = await setUp(server.queue('refusing'), 10)
    server.proxy.rules.push({ operation: 'SendMessageBatch', times: 1, fault: partialFailure(true) })
    await assert.rejects(scene.post(), {
      code: 'dead-letters-undelivered',
      message: /10 dead letters wait .*run:in\.csv:2 \(on purpose\)/,
    })
    assert.equal(server.bodies('refusing').length, 9)
  })

  it('that came before one that is refused are not sent again', async () => {
    await using scene = await setUp(server.queue('poisoned'), 90)
    const request = (body: string) => {
      const { Entries, ...rest } = JSON.parse(body)
      const good = Entries.filter(({ MessageBody }: { MessageBody: string }) => JSON.parse(MessageBody).row !== 45)
      return JSON.stringify({ ...rest, Entries: good })
    }
    const failed = { Id: '4', SenderFault: true, Code: 'Odd', Message: 'on purpose' }
    const answer = (body: string) => {
      const answered = JSON.parse(body)
      return JSON.stringify(answered.Successful.length < 10 ? { ...answered, Failed: [failed] } : answered)
    }
    server.proxy.rules.push({ operation: 'SendMessageBatch', fault: { kind: 'edit', request, answer } })
    await assert.rejects(scene.post(), /run:in\.csv:45 \(on purpose\)/)
    assert.equal(scene.run.progress.lettersSent?.letters, 40)
    server.proxy.rules.length = 0
    await scene.post()
    const once = scene.lines.slice(0, 40)
    const found = server.bodies('poisoned').filter((body) => once.includes(body))
    assert.deepEqual(found.toSorted(), once.toSorted())
    assert.equal(new Set(server.bodies('poisoned')).size, 90)
  })

  it('go on behind what the journal knows to be there', async () => {
    await using scene = await setUp(server.queue('resumed'), 30)
    const bytes = Buffer.byteLength(scene.lines.slice(0, 12).join('\n')) + 1
    scene.run.record({ type: 'letters-sent', letters: 12, bytes })
    await scene.post()
    assert.deepEqual(server.bodies('resumed').toSorted(), scene.lines.slice(12).toSorted())
  })

  it('are there once on a FIFO queue, however often they are sent', async () => {
    await using scene = await setUp(server.queue('once.fifo', { FifoQueue: 'true' }), 35)
    server.proxy.rules.push({ operation: 'SendMessageBatch', times: 2, fault: { kind: 'lost-answer' } })
    await scene.post()
    await scene.postAnew()
    assert.deepEqual(server.bodies('once.fifo'), scene.lines)
  })

  it('lie on S3 when they are too long for the queue, and a message points to them', async () => {
    const queue = server.queue('short', { MaximumMessageSize: '2048' })
    await using scene = await setUp(sqs(queue, { overflow: 's3://letters/long/' }), 3, (row) =>
      row === 2 ? '漢'.repeat(900) : 'x',
    )
    await scene.post()
    const bodies = server.bodies('short').map((body) => JSON.parse(body))
    const pointer = bodies.find(({ kind }) => kind === 'pointer')
    assert.equal(bodies.length, 3)
    assert.deepEqual([pointer.id, pointer.reason, pointer.letters], ['run:in.csv:2', 'too-long', 1])
    assert.equal((await lettersAt(pointer.location)).join(), scene.lines[1])
    const { attributes } = server.messages('short').find(({ body }) => JSON.parse(body).kind === 'pointer')!
    assert.deepEqual([attributes['kind'], attributes['code']], ['pointer', 'bad'])
  })

  it('wait with a clear error when they are too long and no place is named; naming one helps', async () => {
    await using scene = await setUp(server.queue('tight', { MaximumMessageSize: '2048' }), 2, () => 'x'.repeat(3000))
    await assert.rejects(scene.post(), /The letter run:in\.csv:1 has \d+ bytes and the queue takes 2048.*overflow=s3:/)
    process.env['SLUICE_DEAD_LETTER_OVERFLOW'] = 's3://letters/helped/'
    try {
      await scene.post()
    } finally {
      delete process.env['SLUICE_DEAD_LETTER_OVERFLOW']
    }
    assert.equal(server.bodies('tight').length, 2)
  })

  it('are no more than `maxMessages`: the rest is one object or file, and one message says where', async () => {
    for (const overflow of ['s3://letters/rest/', undefined]) {
      const name = overflow === undefined ? 'file-rest' : 's3-rest'
      const options = { maxMessages: 12, ...(overflow === undefined ? {} : { overflow }) }
      await using scene = await setUp(sqs(server.queue(name), options), 30)
      await scene.post()
      const bodies = server.bodies(name)
      const pointer = bodies.map((body) => JSON.parse(body)).find(({ kind }) => kind === 'pointer')
      assert.equal(bodies.length, 13)
      assert.deepEqual([pointer.reason, pointer.letters], ['too-many', 18])
      assert.deepEqual(await lettersAt(pointer.location), scene.lines.slice(12))
    }
  })

  it('take an empty SLUICE_DEAD_LETTER_OVERFLOW for none', async () => {
    process.env['SLUICE_DEAD_LETTER_OVERFLOW'] = ''
    try {
      await using scene = await setUp(server.queue('empty-variable'), 1)
      await scene.post()
      assert.deepEqual(server.bodies('empty-variable'), scene.lines)
    } finally {
      delete process.env['SLUICE_DEAD_LETTER_OVERFLOW']
    }
  })

  it('need no pointer when there are exactly `maxMessages`', async () => {
    await using scene = await setUp(sqs(server.queue('exact'), { maxMessages: 12 }), 12)
    await scene.post()
    assert.deepEqual(server.bodies('exact').toSorted(), scene.lines.toSorted())
  })

  it('say what to do about a queue that is not there', async () => {
    await using scene = await setUp('arn:aws:sqs:eu-central-1:000000000000:nowhere', 1)
    await assert.rejects(scene.post(), /Check the account, the name and the region of the queue/)
  })

  it('may hold characters that SQS refuses', async () => {
    await using scene = await setUp(server.queue('odd'), 1, () => 'a\uffff\ufffe\u0001😀\u{1fffe}')
    await scene.post()
    assert.deepEqual(
      server.bodies('odd').map((body) => JSON.parse(body)),
      scene.lines.map((line) => JSON.parse(line)),
    )
  })
})

describe('dead letters on their way to S3', () => {
  it('are one object of their run, however often they are put', async () => {
    await using scene = await setUp('s3://letters/prefix/', 40)
    assert.equal(scene.place, 's3://letters/prefix/run.jsonl')
    await scene.post()
    await scene.postAnew()
    assert.deepEqual(await lettersAt('s3://letters/prefix/'), scene.lines)
  })

  it('of another attempt with the same run id stay', async () => {
    await using scene = await setUp('s3://letters/attempts/', 2)
    await scene.post()
    await using again = await setUp('s3://letters/attempts/', 3, undefined, '2027-01-01T00:00:00.000Z')
    await again.post()
    assert.equal((await lettersAt('s3://letters/attempts/')).length, 5)
  })

  it('come in parts when they are many', async () => {
    await using scene = await setUp('s3://letters/large/', 10, () => 'y'.repeat(1 << 20))
    await scene.post()
    assert.ok((await lettersAt(scene.place)).join() === scene.lines.join())
  })

  it('need a prefix', () => {
    assert.throws(() => letterPlace('s3://letters/dead.jsonl', 'run'), { code: 'usage', message: /ends in a slash/ })
  })
})

interface Scene extends AsyncDisposable {
  readonly run: OpenRun
  readonly lines: readonly string[]
  readonly place: string
  post(): Promise<void>
  /** As if nothing of the first delivery were in the journal. */
  postAnew(): Promise<void>
}

async function setUp(
  location: string,
  letters: number,
  raw: (row: number) => string = () => 'raw',
  startedAt = '2026-01-01T00:00:00.000Z',
): Promise<Scene> {
  server.proxy.rules.length = 0
  server.proxy.log.length = 0
  const box = sandbox('post')
  const state = stateDirectory(join(box.path, 's'))
  const place = letterPlace(location, 'run')
  const header = { runId: 'run', job: 'job', fingerprint: 'f', startedAt, deadLetters: place, audit: {} }
  const claim = await claimRun(state, header, quiet)
  assert.ok(claim.kind === 'claimed')
  const { run } = claim
  const lines = Array.from({ length: letters }, (_, row) => JSON.stringify(letter(row + 1, raw(row + 1), startedAt)))
  const path = join(state.scratch('run'), 'sealed')
  writeFileSync(path, `${lines.join('\n')}\n`)
  const sealed: SealedLetters = { path, letters, bytes: readFileSync(path).length }
  const post = () => postLetters(run, sealed, place, quiet)
  const fresh = { progress: { ...run.progress, lettersDelivered: false }, record() {}, append() {}, async publish() {} }
  const postAnew = () => postLetters({ ...fresh, runId: 'run', state } as unknown as OpenRun, sealed, place, quiet)
  const close = async () => {
    await run.close()
    box[Symbol.dispose]()
  }
  return { run, lines, place, post, postAnew, [Symbol.asyncDispose]: close }
}

function letter(row: number, raw: string, rejectedAt: string): object {
  const errors = [{ code: 'bad', column: 'v', value: raw.slice(0, 10), message: 'bad' }]
  const names = { kind: 'row', run_id: 'run', job: 'job', source: 'in.csv' }
  return { id: `run:in.csv:${row}`, ...names, row, raw, errors, rejected_at: rejectedAt }
}

/** The second message of a batch never reaches the server, which is said to have failed. */
function partialFailure(SenderFault: boolean) {
  const without = (body: string) => {
    const { Entries, ...rest } = JSON.parse(body)
    return JSON.stringify({ ...rest, Entries: Entries.filter(({ Id }: { Id: string }) => Id !== '1') })
  }
  const failed = { Id: '1', SenderFault, Code: 'InternalError', Message: 'on purpose' }
  const answer = (body: string) => JSON.stringify({ ...JSON.parse(body), Failed: [failed] })
  return { kind: 'edit', request: without, answer } as const
}

async function lettersAt(place: string): Promise<readonly string[]> {
  const { letters } = await readLetters(place, { most: 100 })
  const found: string[] = []
  for await (const letter of letters) found.push(JSON.stringify(letter))
  return found
}
