import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BatchPool } from './batch-pool.ts'

describe('the memory of a branch', () => {
  it('goes back when the branch is closed, released before or after', async () => {
    const pool = new BatchPool()
    const once = async () => {
      const branch = pool.branch(2)
      const [before, after] = [await branch.acquire(), await branch.acquire()]
      const address = before.allocate(1)
      after.allocate(1)
      branch.release(before)
      branch.close()
      branch.release(after)
      return address
    }
    const first = await once()
    for (let i = 0; i < 2000; i++) assert.ok((await once()) <= first + (4 << 20))
  })
})
