import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runProcess } from './run-process.ts'

const MB = 1e6
/** Holds 100 MB of touched pages for a while. */
const HOLD = 'globalThis.held = Buffer.alloc(100e6, 1); setTimeout(() => {}, 200)'
const PARENT = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]]); ${HOLD}`

describe('runProcess', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  it('measures time, memory, output and exit code of a process', async () => {
    const run = await runProcess(process.execPath, ['-e', `${HOLD}; console.log('out'); process.exitCode = 3`], '.')
    assert.equal(run.exitCode, 3)
    assert.equal(run.stdout, 'out\n')
    assert.ok(run.seconds > 0.2 && run.seconds < 10)
    assert.ok(run.peakAnonymous > 100 * MB && run.peakRss > run.peakAnonymous)
  })

  it('sums the memory of a process and its child', async () => {
    const run = await runProcess(process.execPath, ['-e', PARENT, HOLD], '.')
    assert.ok(run.peakAnonymous > 200 * MB, `${run.peakAnonymous} bytes`)
  })
})
