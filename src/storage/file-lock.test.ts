import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lock, tryLock } from './file-lock.ts'

const HOLDER = fileURLToPath(new URL('./testing/lock-holder.ts', import.meta.url))
let directory: string

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice lock %20?#-'))
})
after(() => rmSync(directory, { recursive: true, force: true }))

describe('a file lock', () => {
  it('excludes within the process, and leaves no file behind', () => {
    const path = join(directory, 'within')
    const held = tryLock(path)
    assert.ok(held)
    assert.equal(tryLock(path), undefined)
    assert.deepEqual(readdirSync(directory), ['within'])
    held.release()
    held.release()
    assert.deepEqual(readdirSync(directory), [])
    tryLock(path)?.release()
  })

  it('is not dropped when another opener in the process gives up', async () => {
    const path = join(directory, 'kept')
    using _held = tryLock(path)
    assert.equal(tryLock(path), undefined)
    assert.equal(await holder('try', path), 'busy')
  })

  it('is dropped when its process is killed, and then taken over', async () => {
    const path = join(directory, 'killed')
    const child = spawn(process.execPath, ['--no-warnings', HOLDER, 'hold', path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((ready) => child.stdout.once('data', ready))
    assert.equal(tryLock(path), undefined)
    const died = new Promise((done) => child.once('close', done))
    const waiting = lock(path)
    child.kill('SIGKILL')
    await died
    using held = await waiting
    assert.ok(existsSync(path))
    assert.equal(held.path, path)
  })

  it('gives up waiting after its time, with the path and the way out', async () => {
    const path = join(directory, 'timeout')
    using _held = tryLock(path)
    await assert.rejects(lock(path, { timeoutMs: 30 }), { code: 'target-locked', message: /timeout.*30 ms/ })
    await assert.rejects(lock(path, { signal: AbortSignal.abort(new Error('stop')) }), /stop/)
  })

  it('is not fooled by a lock file that was replaced under its holder', () => {
    const path = join(directory, 'replaced')
    const first = tryLock(path)!
    unlinkSync(path)
    const second = tryLock(path)
    assert.ok(second, 'the new file is another lock')
    second.release()
    first.release()
  })

  it('names a path that cannot hold a lock', () => {
    assert.throws(() => tryLock(join(directory, 'missing', 'lock')), {
      code: 'target-not-writable',
      message: /missing/,
    })
    const foreign = join(directory, 'foreign')
    writeFileSync(foreign, 'this is no lock file\n'.repeat(100))
    assert.throws(() => tryLock(foreign), { code: 'target-not-writable', message: /Cannot lock .*foreign/ })
    unlinkSync(foreign)
  })

  it('lets one of many processes in at a time, however fast the file comes and goes', async () => {
    const path = join(directory, 'many')
    const log = join(directory, 'log')
    await Promise.all(Array.from({ length: 4 }, () => holder('contend', path, log)))
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    assert.equal(lines.length, 4 * 50 * 2)
    for (let at = 0; at < lines.length; at += 2) {
      assert.equal(lines[at + 1], lines[at]!.replace('in', 'out'), `overlap at ${at}`)
    }
  })
})

async function holder(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', HOLDER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await new Promise((done) => child.on('close', done))
  return output.trim()
}
