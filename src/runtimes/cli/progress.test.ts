import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Progress } from './progress.ts'

describe('Progress', () => {
  it('draws bytes, speed and the time left, at most ten times a second, and clears itself', () => {
    const { stream, written } = terminal()
    let now = 0
    const progress = new Progress('job', stream, () => now)
    progress.see({ type: 'RunPlanned', splits: 1, bytes: 4_000_000, target: 'x' })
    for (; now < 1000; now += 10) progress.see({ type: 'BatchRead', split: 0, rows: 100, bytes: 10_000 })
    assert.equal(written.length, 9)
    assert.match(written[8] as string, /job {2}█{5}░{19} {2}910 kB of 4\.00 MB {2}10,111 rows\/s {2}3\.06 s left$/)
    progress.clear()
    assert.equal(written.at(-1), '\r\u001b[2K')
  })

  it('draws no bar where nobody knows how much will come, and never wraps', () => {
    const { stream, written } = terminal(40)
    let now = 0
    const progress = new Progress('job', stream, () => now)
    progress.see({ type: 'RunPlanned', splits: 1, bytes: undefined, target: 'x' })
    now = 200
    progress.see({ type: 'BatchRead', split: 0, rows: 100_000_000, bytes: 123_456_789 })
    assert.equal(written[0], '\r\u001b[2Kjob  123 MB  500,000,000 rows/s  ')
  })

  it('writes nothing for a run that is over at once', () => {
    const { stream, written } = terminal()
    const progress = new Progress('job', stream, () => 0)
    progress.see({ type: 'RunDecided', verdict: 'commit' })
    progress.clear()
    assert.deepEqual(written, [])
  })
})

function terminal(columns = 120): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = []
  const stream = { isTTY: false, columns, write: (text: string) => written.push(text) > 0 }
  return { stream: stream as unknown as NodeJS.WriteStream, written }
}
