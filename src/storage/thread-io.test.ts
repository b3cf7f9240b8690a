import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LinearMemory } from '../records/linear-memory.ts'
import { type ByteIo, pooledIo } from './byte-io.ts'
import { SLOTS } from './io-ring.ts'
import { threadIo } from './thread-io.ts'

const AREA = 1 << 16

/** One request: its place in a memory area and in a file, and the digest that takes note of it, if any. */
const request = fc.record({
  verb: fc.constantFrom('read', 'write', 'hash', 'sync' as const),
  at: fc.nat(AREA - 1),
  length: fc.nat(5000),
  position: fc.nat(20_000),
  digest: fc.constantFrom(undefined, 0, 1),
})
type Request = typeof request extends fc.Arbitrary<infer R> ? R : never

describe('the I/O thread', () => {
  it('gives the same bytes, counts and digests as the thread pool does', async () => {
    using box = sandbox()
    const linear = new LinearMemory()
    const area = linear.reserve(AREA * 2)
    const thread = threadIo(linear)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(request, { maxLength: 30 }), fc.boolean(), async (requests, together) => {
          const results = []
          for (const [name, io] of [
            ['thread', thread],
            ['pool', pooledIo(linear)],
          ] as const) {
            linear.bytes.fill(0, area, area + AREA * 2)
            for (let at = 0; at < AREA; at++) linear.bytes[area + at] = at * 7 + (at >>> 8)
            results.push(await replay(io, linear, join(box.path, name), area, requests, together))
          }
          assert.deepEqual(results[0], results[1])
        }),
        { numRuns: 300 },
      )
    } finally {
      await thread.close()
    }
  })

  it('says what the system said of a bad descriptor and of a full device, and goes on', async () => {
    const linear = new LinearMemory()
    const at = linear.reserve(64)
    const io = threadIo(linear)
    const full = openSync('/dev/full', 'w')
    const nowhere = io.read(4000, at, 10, 0)
    const toFull = io.write(full, at, 10, 0)
    const digest = io.openDigest()
    const hashed = io.hash(digest, at, 0)
    await assert.rejects(nowhere, { code: 'EBADF', syscall: 'read' })
    await assert.rejects(toFull, { code: 'ENOSPC', syscall: 'write' })
    await hashed
    assert.match(await io.closeDigest(digest), /^e3b0c44298fc1c14/)
    closeSync(full)
    await io.close()
  })

  it('takes more requests than the ring has slots, in their order, failures among them', async () => {
    using box = sandbox()
    const linear = new LinearMemory()
    const count = SLOTS * 10
    const at = linear.reserve(count)
    for (let i = 0; i < count; i++) linear.bytes[at + i] = i
    const io = threadIo(linear)
    const file = await open(join(box.path, 'file'), 'w')
    const digest = io.openDigest()
    const writes = Array.from({ length: count }, (_, i) =>
      i % 7 === 3 ? io.read(4000, at, 1, 0).catch(() => 'failed') : io.write(file.fd, at + i, 1, i, digest),
    )
    const results = await Promise.all(writes)
    assert.equal(results.filter((result) => result === 'failed').length, Math.ceil((count - 3) / 7))
    const kept = Array.from({ length: count }, (_, i) => i).filter((i) => i % 7 !== 3)
    const { createHash } = await import('node:crypto')
    const expected = createHash('sha256').update(Uint8Array.from(kept)).digest('hex')
    assert.equal(await io.closeDigest(digest), expected)
    await file.close()
    await io.close()
  })

  it('sees memory that grew while it works', async () => {
    using box = sandbox()
    const linear = new LinearMemory()
    const io = threadIo(linear)
    const file = await open(join(box.path, 'file'), 'w+')
    for (let round = 0; round < 8; round++) {
      const pending = io.sync(file.fd)
      const size = 3 << 20
      const at = linear.reserve(size)
      linear.bytes.fill(round + 1, at, at + size)
      const back = linear.reserve(size)
      await Promise.all([pending, io.write(file.fd, at, size, round * size)])
      assert.equal(await io.read(file.fd, back, size, round * size), size)
      assert.ok(linear.bytes.subarray(back, back + size).equals(linear.bytes.subarray(at, at + size)))
    }
    await file.close()
    await io.close()
  })

  it('fails whoever waits when it is closed, and every request after that', async () => {
    using box = sandbox()
    const linear = new LinearMemory()
    const at = linear.reserve(1 << 20)
    const io = threadIo(linear)
    const path = join(box.path, 'file')
    writeFileSync(path, '')
    const file = await open(path, 'r+')
    const asked = Array.from({ length: SLOTS * 2 }, (_, i) => io.write(file.fd, at, 1 << 20, i << 20))
    const settled = Promise.allSettled(asked)
    await io.close()
    const states = (await settled).map(({ status }) => status)
    assert.equal(states.length, SLOTS * 2)
    assert.ok(states.includes('rejected'))
    await assert.rejects(io.hash(0, at, 1), /closed/)
    await io.close()
    await file.close()
  })
})

function sandbox(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'sluice-thread-io-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

async function replay(
  io: ByteIo,
  linear: LinearMemory,
  path: string,
  area: number,
  requests: readonly Request[],
  together: boolean,
) {
  writeFileSync(path, Buffer.alloc(3000, 'abc'))
  const file = await open(path, 'r+')
  const digests = [io.openDigest(), io.openDigest()]
  const asked: Promise<number | undefined>[] = []
  for (const one of requests) {
    const answer = ask(io, file.fd, area, one, one.digest === undefined ? undefined : digests[one.digest])
    asked.push(answer)
    // Requests that are under way at once must not touch the same bytes: only hashing and syncing may.
    if (!together || one.verb === 'read' || one.verb === 'write') await answer
  }
  const answers = await Promise.all(asked)
  await file.close()
  const sums = await Promise.all(digests.map((digest) => io.closeDigest(digest)))
  const memory = Buffer.from(linear.bytes.subarray(area, area + AREA * 2))
  return { answers, sums, memory, content: readFileSync(path) }
}

async function ask(io: ByteIo, fd: number, area: number, { verb, at, length, position }: Request, digest?: number) {
  if (verb === 'read') return io.read(fd, area + at, length, position, digest)
  if (verb === 'write') await io.write(fd, area + at, length, position, digest)
  else if (verb === 'sync') await io.sync(fd)
  else if (digest !== undefined) await io.hash(digest, area + at, length)
  return undefined
}
