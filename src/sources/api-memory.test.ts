import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endOf, startScript } from '../lifecycle/testing/children.ts'
import { sandbox } from '../lifecycle/testing/sandbox.ts'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'
import { apiServer, json } from './testing/api-server.ts'

const RUN = fileURLToPath(new URL('./testing/api-memory-run.ts', import.meta.url))
const ROWS = 250
const FILLING = 'x'.repeat(300)

describe('the memory of a pull', () => {
  before(ensureBuilt)

  it('does not grow with the number of pages, rows kept for late rejects included', async () => {
    // Enough that the heap has come to its size.
    const few = await peakOf(200)
    const many = await peakOf(800)
    assert.ok(many - few < 32 << 20, `${few >> 20} MB for 200 pages, ${many >> 20} MB for 800`)
  })
})

async function peakOf(pages: number): Promise<number> {
  using box = sandbox('api-memory')
  await using server = await apiServer(({ url }, response) => {
    const page = Number(url.searchParams.get('cursor') ?? 0)
    const data = Array.from({ length: ROWS }, (_, at) => ({ id: page * ROWS + at, filling: FILLING }))
    json(response, { next: page + 1 < pages ? page + 1 : null, data })
  })
  const options = { url: server.origin, target: join(box.path, 'out.csv'), state: join(box.path, 'state') }
  const { result } = await endOf(startScript(RUN, options))
  assert.deepEqual([result.status, result.loaded], ['committed', pages * ROWS])
  return result.peak
}
