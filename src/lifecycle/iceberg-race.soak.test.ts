import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readRows } from '../sources/rows.ts'
import { ancestors, snapshotOfRef, type TableMetadata } from '../storage/iceberg/table-metadata.ts'
import { endOf, startScript } from './testing/children.ts'
import { IcebergScene } from './testing/iceberg-scene.ts'

const PROCESSES = 8
const RUNS = 20

describe('runs of many processes that append to one table', () => {
  it('all commit, each once', async () => {
    using scene = new IcebergScene()
    await scene.run({ extract: readRows([{ run: 'first' }]) }, { mode: 'create' })
    const racer = join(import.meta.dirname, 'testing', 'iceberg-racer.ts')
    const uri = `file:${scene.directory}/lake/catalog.db`
    const ends = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) => {
        const state = join(scene.directory, `state-${index}`)
        return endOf(startScript(racer, { uri, state, name: `p${index}`, runs: RUNS }))
      }),
    )
    assert.deepEqual(
      ends.map(({ exit }) => exit),
      Array(PROCESSES).fill(0),
    )
    const metadata = (await scene.metadata()) as TableMetadata
    const chain = [...ancestors(metadata, snapshotOfRef(metadata, 'main'))]
    assert.equal(chain.length, PROCESSES * RUNS + 1)
    const count = await scene.query('select count(*), count(distinct run) from FILES')
    assert.deepEqual(count, [[BigInt(chain.length), BigInt(chain.length)]])
  })
})
