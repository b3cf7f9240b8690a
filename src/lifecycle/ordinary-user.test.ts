import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ended, otherUser, sandbox, start } from './testing/sandbox.ts'

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
})

/** A directory in which everybody may write. */
function openPlace(directory: string, name: string): string {
  chmodSync(directory, 0o755)
  const path = join(directory, name)
  mkdirSync(path)
  chmodSync(path, 0o777)
  return path
}
