import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { claimRun } from './claim-run.ts'
import { deliverLetters } from './dead-letter-delivery.ts'
import type { SealedLetters } from './journal-record.ts'
import type { OpenRun } from './open-run.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { letterText, play, quiet } from './testing/run-driver.ts'
import { ended, sandbox, start } from './testing/sandbox.ts'

const MINE = letterText('mine')

describe('the delivery of dead letters', () => {
  it('creates the file for its owner alone, and its directories', async () => {
    using scene = await setUp()
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), MINE)
    assert.equal(statSync(scene.path).mode & 0o777, 0o600)
    assert.equal(statSync(join(scene.path, '..')).mode & 0o777, 0o700)
  })

  it('appends behind the letters of other runs', async () => {
    using scene = await setUp()
    write(scene.path, 'theirs\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), `theirs\n${MINE}`)
  })

  it('is harmless when repeated, also after a crash at any byte', async () => {
    for (let torn = 0; torn <= MINE.length; torn++) {
      using scene = await setUp()
      write(scene.path, 'theirs\n')
      await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
      truncateSync(scene.path, 'theirs\n'.length + torn)
      await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
      assert.equal(readFileSync(scene.path, 'utf8'), `theirs\n${MINE}`)
    }
  })

  it('changes nothing when all letters are there and others follow', async () => {
    using scene = await setUp()
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    appendFileSync(scene.path, 'theirs\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), `${MINE}theirs\n`)
  })

  it('delivers all once more when somebody wrote behind a torn delivery, and overwrites nobody', async () => {
    using scene = await setUp()
    write(scene.path, 'first\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    truncateSync(scene.path, 'first\n'.length + 20)
    appendFileSync(scene.path, '\ntheirs\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), `first\n${MINE.slice(0, 20)}\ntheirs\n${MINE}`)
  })

  it('moves letters that come first in their file, and knows them again after a crash', async () => {
    using scene = await setUp()
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(existsSync(scene.sealed.path), false)
    appendFileSync(scene.path, 'theirs\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), `${MINE}theirs\n`)
  })

  it('does not wait for ever for letters that were moved and then taken away, and warns', async () => {
    for (const left of ['nothing', 'other letters']) {
      using box = sandbox('letters')
      const path = join(box.path, 'dead.jsonl')
      const options = { state: join(box.path, 's'), target: join(box.path, 'out.csv'), deadLetters: path }
      assert.ok((await ended(start({ ...options, runId: 'r', version: 'a' }, 'letters-appended'))).killed)
      renameSync(path, `${path}.taken`)
      if (left === 'other letters') writeFileSync(path, 'theirs\n')
      const warnings: unknown[] = []
      const log = { ...quiet, warn: (fields: object, message: string) => warnings.push({ ...fields, message }) }
      const { runs, exitCode } = await recover({ state: stateDirectory(options.state), log })
      assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.status], [0, 'finished', 'committed'])
      const message = 'the dead letters were delivered, and somebody took them away since'
      assert.deepEqual(warnings, [{ run_id: 'r', job: 'driver', correlation_id: 'c', path, letters: 3, message }])
      assert.equal(readFileSync(`${path}.taken`, 'utf8'), letterText('r'))
      assert.equal(existsSync(path), left === 'other letters')
    }
  })

  it('ends a line that somebody else left torn', async () => {
    using scene = await setUp()
    write(scene.path, '{"torn')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), `{"torn\n${MINE}`)
  })

  it('starts over when the file was moved away after a torn delivery', async () => {
    using scene = await setUp()
    write(scene.path, 'theirs\n')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    write(scene.path, '')
    await deliverLetters(scene.run, scene.sealed, scene.path, quiet)
    assert.equal(readFileSync(scene.path, 'utf8'), MINE)
  })

  it('fails with the path and where the letters wait, and leaves the committed output alone', async () => {
    using box = sandbox('letters')
    const obstacle = join(box.path, 'letters.jsonl')
    mkdirSync(obstacle)
    const options = { state: join(box.path, 's'), target: join(box.path, 'out.csv'), deadLetters: obstacle }
    const result = await play({ ...options, runId: 'r', version: 'a' })
    assert.ok(typeof result === 'object')
    assert.equal(result.status, 'committed')
    assert.deepEqual(
      result.unfinished.map((error) => error.code),
      ['dead-letters-undelivered'],
    )
    assert.match(result.unfinished[0]!.message, /3 dead letters wait in .*scratch.*sluice recover/)
  })

  it('keeps every letter of runs that deliver to one file at once', async () => {
    using box = sandbox('letters')
    const path = join(box.path, 'all.jsonl')
    const ids = ['a', 'b', 'c', 'd', 'e']
    await Promise.all(
      ids.map((id) => {
        const target = join(box.path, `${id}.csv`)
        return play({ state: join(box.path, 's'), target, deadLetters: path, runId: id, version: id })
      }),
    )
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').sort()
    assert.deepEqual(lines, ids.flatMap((id) => letterText(id).trimEnd().split('\n')).sort())
  })
})

interface Scene extends Disposable {
  readonly run: OpenRun
  readonly sealed: SealedLetters
  readonly path: string
}

async function setUp(): Promise<Scene> {
  const box = sandbox('letters')
  const state = stateDirectory(join(box.path, 's'))
  const path = join(box.path, 'deep', 'letters.jsonl')
  const header = { runId: 'mine', job: 'j', fingerprint: 'f', startedAt: 'now', deadLetters: path, audit: {} }
  const claim = await claimRun(state, header, quiet)
  assert.ok(claim.kind === 'claimed')
  const sealed = { path: join(state.scratch('mine'), 'sealed'), letters: 3, bytes: MINE.length, sha256: '' }
  writeFileSync(sealed.path, MINE)
  const close = () => {
    claim.run.close()
    box[Symbol.dispose]()
  }
  return { run: claim.run, sealed, path, [Symbol.dispose]: close }
}

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
}
