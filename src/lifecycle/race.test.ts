import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { partText, play } from './testing/run-driver.ts'
import { ended, leftovers, readTarget, sandbox, start } from './testing/sandbox.ts'

const ROUNDS = 6
const text = (version: string) => partText(version, 0) + partText(version, 1)

describe('runs that race for one target', () => {
  for (const target of ['out.csv', 'out/']) {
    for (const before of ['nothing', 'a version']) {
      it(`onto ${target} with ${before} there: one commits, the other is told that the target moved`, async () => {
        for (let round = 0; round < ROUNDS; round++) await race(target, before)
      })
    }
  }

  it('refuse each other’s run ids', async () => {
    using box = sandbox('same-id')
    const go = join(box.path, 'go')
    const ready = join(box.path, 'ready')
    const common = { state: join(box.path, 's'), target: join(box.path, 'out.csv'), runId: 'same', version: 'a' }
    const first = ended(start({ ...common, waitFor: go, signalTo: ready }))
    await appears(ready)
    await assert.rejects(play(common), { code: 'run-live' })
    // Another state directory knows nothing of the lease, but the staging is taken.
    await play({ ...common, state: join(box.path, 't') }).then((result) => {
      assert.equal((result as { error: { code: string } }).error.code, 'run-id-conflict')
    })
    writeFileSync(go, '')
    assert.equal((await first).result.status, 'committed')
    assert.equal(readTarget(common.target), text('a'))
  })
})

describe('a target that somebody else changes during the run', () => {
  const foreign: [string, string, (path: string) => void][] = [
    ['out.csv', 'a file is replaced', (path) => writeFileSync(path, 'foreign')],
    ['out.csv', 'a file is removed', (path) => rmSync(path)],
    ['out/', 'a directory is pointed elsewhere', (path) => repoint(path.slice(0, -1))],
    ['out/', 'a directory is removed', (path) => rmSync(path.slice(0, -1))],
  ]
  for (const [target, what, change] of foreign) {
    it(`is left as it is when ${what}`, async () => {
      using box = sandbox('foreign')
      const common = { state: join(box.path, 's'), target: join(box.path, 'data', target) }
      mkdirSync(join(box.path, 'data'))
      await play({ ...common, runId: 'one', version: 'old' })
      const { go, ready, run } = hold(box.path, { ...common, runId: 'two', version: 'new' })
      await appears(ready)
      change(common.target)
      const changed = readTarget(common.target)
      writeFileSync(go, '')
      const { result } = await run
      assert.equal(result.error?.code, 'target-moved')
      assert.equal(result.status, 'failed')
      assert.equal(readTarget(common.target), changed)
      assert.deepEqual(leftovers(join(box.path, 'data'), ['one']), [])
    })
  }

  it('is left as it is when the staged data is taken away', async () => {
    for (const target of ['out.csv', 'out/']) {
      using box = sandbox('lost')
      const common = { state: join(box.path, 's'), target: join(box.path, 'data', target) }
      await play({ ...common, runId: 'one', version: 'old' })
      const { go, ready, run } = hold(box.path, { ...common, runId: 'two', version: 'new' })
      await appears(ready)
      rmSync(join(box.path, 'data', target === 'out/' ? '.out.versions/two' : '.out.csv.sluice-two'), {
        recursive: true,
      })
      writeFileSync(go, '')
      assert.equal((await run).result.error?.code, 'staged-lost')
      assert.equal(readTarget(common.target), text('old'))
      assert.deepEqual(leftovers(join(box.path, 'data'), ['one']), [])
    }
  })
})

async function race(target: string, before: string): Promise<void> {
  using box = sandbox('race')
  const common = { target: join(box.path, 'data', target) }
  mkdirSync(join(box.path, 'data'))
  if (before === 'a version') await play({ ...common, state: join(box.path, 's'), runId: 'one', version: 'old' })
  const go = join(box.path, 'go')
  const runs = ['a', 'b'].map((name) => {
    // One shared state directory or two: the target alone decides.
    const state = join(box.path, Math.random() < 0.5 ? 's' : `s-${name}`)
    const options = { ...common, state, runId: name, version: name, waitFor: go, signalTo: join(box.path, name) }
    return ended(start(options))
  })
  await Promise.all(['a', 'b'].map((name) => appears(join(box.path, name))))
  writeFileSync(go, '')
  const results = (await Promise.all(runs)).map((run) => run.result)
  assert.deepEqual(results.map((result) => result.error?.code ?? result.status).sort(), ['committed', 'target-moved'])
  const winner = results[0]?.status === 'committed' ? 'a' : 'b'
  assert.equal(readTarget(common.target), text(winner))
  const published = [...(before === 'a version' ? ['one'] : []), winner]
  assert.deepEqual(leftovers(join(box.path, 'data'), published), [])
}

function hold(directory: string, options: { state: string; target: string; runId: string; version: string }) {
  const go = join(directory, 'go')
  const ready = join(directory, 'ready')
  return { go, ready, run: ended(start({ ...options, waitFor: go, signalTo: ready })) }
}

function repoint(path: string): void {
  rmSync(path)
  mkdirSync(`${path}-foreign`)
  symlinkSync(`${path}-foreign`, path)
}

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((wake) => setTimeout(wake, 2))
}
