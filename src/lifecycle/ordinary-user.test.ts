import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { partText } from './testing/run-driver.ts'
import { ended, otherUser, readTarget, sandbox, start } from './testing/sandbox.ts'

const user = otherUser()
const skip = user === undefined ? 'needs root, and sources that other users may read' : false

describe('a user who is not root', { skip }, () => {
  it('tidies up versions of a directory that is read-only', async () => {
    using box = sandbox('read-only')
    const target = join(openPlace(box.path, 'data'), 'out/')
    const state = join(openPlace(box.path, 'own'), 'state')
    for (const runId of ['one', 'two', 'three', 'four']) {
      const { result } = await ended(start({ state, target, runId, version: runId }, undefined, user))
      assert.deepEqual([result.status, result.unfinished], ['committed', []], runId)
      if (runId === 'one') chmodSync(realpathSync(target), 0o555)
    }
    assert.deepEqual(readdirSync(join(box.path, 'data', '.out.versions')), ['four', 'three'])
    chmodSync(realpathSync(target), 0o755)
  })

  for (const name of ['out.csv', 'out/']) {
    it(`leaves the staging of another user beside ${name} alone, and runs all the same`, async () => {
      using box = sandbox('foreign')
      const target = join(openPlace(box.path, 'data'), name)
      const theirs = { state: join(box.path, 'state'), target, runId: 'theirs', version: 'theirs' }
      assert.ok((await ended(start(theirs, 'split-staged'))).killed)
      // As it is where the group may write.
      if (name === 'out/') chmodSync(join(box.path, 'data', '.out.versions'), 0o777)
      const own = { ...theirs, state: join(openPlace(box.path, 'own'), 'state'), runId: 'own', version: 'own' }
      const { result } = await ended(start(own, undefined, user))
      assert.equal(result.status, 'committed', result.message)
      assert.equal(readTarget(target), partText('own', 0) + partText('own', 1))
      const left = readdirSync(join(box.path, 'data', name === 'out/' ? '.out.versions' : ''))
      assert.ok(left.some((entry) => entry.includes('theirs')))
    })
  }
})

/** A directory in which everybody may write. */
function openPlace(directory: string, name: string): string {
  chmodSync(directory, 0o755)
  const path = join(directory, name)
  mkdirSync(path)
  chmodSync(path, 0o777)
  return path
}
