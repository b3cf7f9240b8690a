import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { liveEntries, liveManifests } from './live-files.ts'
import { RUN_ID } from './table-commit.ts'
import { ancestors, snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

const PROCESSES = 8
const COMMITS = 20

describe('many processes that append to one table', () => {
  it('lose no commit', async () => {
    using scene = new TableScene()
    await scene.run('first', { mode: 'create', rows: [row(0)] })
    const racer = join(import.meta.dirname, 'testing', 'racer.ts')
    const uri = `file:${scene.directory}/lake/catalog.db`
    const codes = await Promise.all(
      Array.from({ length: PROCESSES }, async (_, index) => {
        const child = spawn(process.execPath, ['--import', 'tsx', racer, uri, `p${index}`, String(COMMITS)], {
          stdio: ['ignore', 'inherit', 'inherit'],
        })
        const [code] = await once(child, 'exit')
        return code
      }),
    )
    assert.deepEqual(codes, Array(PROCESSES).fill(0))
    const metadata = (await scene.metadata()) as TableMetadata
    const head = snapshotOfRef(metadata, 'main')
    const chain = [...ancestors(metadata, head)]
    assert.equal(chain.length, PROCESSES * COMMITS + 1)
    assert.equal(new Set(chain.map(({ summary }) => summary[RUN_ID])).size, chain.length)
    assert.equal(metadata['last-sequence-number'], BigInt(chain.length))
    const manifests = await liveManifests(head)
    const entries = (await Promise.all(manifests.map((manifest) => liveEntries(manifest, metadata)))).flat()
    assert.equal(entries.length, chain.length)
    assert.ok(manifests.length <= 100, `${manifests.length} manifests`)
    // Of attempts that lost nothing is left.
    const files = readdirSync(join(scene.directory, 'lake/silver/customers/metadata')).filter((name) =>
      name.endsWith('.json'),
    )
    assert.equal(files.length, chain.length)
  })
})
