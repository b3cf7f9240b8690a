import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { refused, Scene } from './conformance/scene.ts'
import { startS3ServerChild } from './s3-server-child.ts'
import { testClient } from './test-client.ts'

describe('the S3 server in a process of its own', () => {
  it('serves, counts, and takes faults before and while it runs', async () => {
    const slowDown = { kind: 'status', status: 503, code: 'SlowDown' } as const
    const rule = { operation: 'GetObject', key: 'a', times: 1, fault: slowDown } as const
    await using server = await startS3ServerChild({ buckets: ['bucket'], faults: [rule] })
    const scene = new Scene(testClient(server), 'bucket', '')
    await scene.put('a', 'hello')
    await refused(scene.get('a'), 503, 'SlowDown')
    assert.equal(await scene.text('a'), 'hello')
    await server.command({ addFaults: [rule] })
    await refused(scene.get('a'), 503, 'SlowDown')
    const { requests, bytesServed, peakRssBytes } = await server.command()
    assert.deepEqual(requests, { PutObject: 1, GetObject: 3 })
    assert.ok(bytesServed > 5 && peakRssBytes > 1e6)
    assert.deepEqual((await server.command({ clearRequests: true })).requests, {})
  })

  it('ends with the process that started it, however that ends', async () => {
    const script = `
      import { startS3ServerChild } from ${JSON.stringify(new URL('./s3-server-child.ts', import.meta.url).href)}
      const { pid } = await startS3ServerChild()
      console.log(pid)
      setInterval(() => {}, 1000)
    `
    const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script])
    const pid = Number(await new Promise((line) => parent.stdout.once('data', line)))
    process.kill(pid, 0)
    parent.kill('SIGKILL')
    const deadline = Date.now() + 10_000
    while (isAlive(pid) && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 20))
    assert.equal(isAlive(pid), false)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
