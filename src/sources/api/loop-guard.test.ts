import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoopGuard } from './loop-guard.ts'

describe('the guard against pages that go round', () => {
  it('finds a circle of any length behind any lead', () => {
    for (const [lead, circle] of [
      [0, 1],
      [3, 7],
      [500, 9999],
      [1000, 12_345],
    ] as const) {
      const guard = new LoopGuard()
      let page = 0
      while (guard.seen(`${page < lead ? page : lead + ((page - lead) % circle)}`) === undefined) page++
      assert.ok(page >= lead + circle && page <= 4 * (lead + circle), `${lead} + ${circle}: ${page}`)
    }
  })

  it('finds none where there is none', () => {
    const guard = new LoopGuard()
    for (let page = 0; page < 50_000; page++) assert.equal(guard.seen(`page ${page}`), undefined)
  })
})
