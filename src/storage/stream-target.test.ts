import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { streamTarget } from './stream-target.ts'
import type { PreparedOutput, Target } from './target.ts'

const TEXT = 'a row of some length\n'.repeat(50_000)

describe('a stream target', () => {
  let scratch: string
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'sluice-stream-'))
  })
  afterEach(() => rmSync(scratch, { recursive: true, force: true }))

  it('delivers nothing before the commit, then all parts in order, and leaves the stream open', async () => {
    const { stream, text } = collector()
    const target = streamTarget(stream)
    const output = await prepare(target)
    assert.equal(text(), '')
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    assert.equal(text(), TEXT + TEXT)
    assert.equal(stream.writableEnded, false)
    await target.release(output.plan)
    assert.equal(existsSync(output.plan.staging), false)
  })

  it('waits for a slow reader instead of piling up', async () => {
    let most = 0
    const stream: Writable = new Writable({
      highWaterMark: 1 << 16,
      write(_chunk, _encoding, done) {
        most = Math.max(most, stream.writableLength)
        setTimeout(done, 1)
      },
    })
    await streamTarget(stream).commit(await prepare(streamTarget()))
    assert.ok(most <= 2 << 18, `${most} bytes were waiting`)
  })

  it('is refused when its reader goes away', async () => {
    const stream = new PassThrough()
    stream.once('data', () => stream.destroy(new Error('EPIPE')))
    const outcome = await streamTarget(stream).commit(await prepare(streamTarget()))
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-gone')
    assert.match(outcome.reason, /EPIPE/)
  })

  it('is refused when it was closed before', async () => {
    const stream = new PassThrough()
    stream.destroy()
    const outcome = await streamTarget(stream).commit(await prepare(streamTarget()))
    assert.equal(outcome.outcome, 'refused')
  })

  it('delivers once, however often it is asked', async () => {
    const { stream, text } = collector()
    const output = await prepare(streamTarget())
    await streamTarget(stream).commit(output)
    assert.deepEqual(await streamTarget(stream).commit(output), { outcome: 'committed' })
    assert.equal(text(), TEXT + TEXT)
  })

  it('says in recovery that nothing was written, or that nobody can know', async () => {
    const output = await prepare(streamTarget())
    const before = await streamTarget().commit(output)
    assert.ok(before.outcome === 'refused' && before.code === 'target-gone')
    writeFileSync(join(output.plan.staging, 'delivering'), '')
    assert.equal((await streamTarget().commit(output)).outcome, 'unknowable')
  })

  async function prepare(target: Target): Promise<PreparedOutput> {
    const plan = await target.plan('-', { runId: 'r', stateDirectory: scratch, scratch })
    await target.open(plan)
    const parts = [0, 1].map((split) => {
      const path = target.partPath(plan, split)
      writeFileSync(path, TEXT)
      return { split, path, rows: 50_000, bytes: TEXT.length, sha256: '' }
    })
    return target.assemble(plan, parts)
  }
})

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
