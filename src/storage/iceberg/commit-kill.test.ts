import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { holdsRun } from './find-commit.ts'
import { icebergTarget } from './iceberg-target.ts'
import { planScan } from './plan-scan.ts'
import type { TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

/** Milliseconds after a commit was prepared; a commit takes about 20. */
const INSTANTS = [0, 3, 6, 9, 12, 15, 20, 30]

async function killed(scene: TableScene, runId: string, mode: string, instant: number): Promise<string> {
  const file = join(scene.directory, `${runId}.json`)
  const uri = `file:${scene.directory}/lake/catalog.db`
  const committer = join(import.meta.dirname, 'testing', 'committer.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', committer, uri, runId, mode, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Asked for before it is killed: it may have ended by itself until then.
  const ended = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), ended])
  await sleep(instant)
  child.kill('SIGKILL')
  await ended
  return file
}

describe('a commit whose process is killed', () => {
  it('is made once by whoever finishes it from the journal', async () => {
    using scene = new TableScene()
    await scene.run('first', { mode: 'create', rows: [row(0)] })
    let rows = 1
    for (const [index, instant] of INSTANTS.entries()) {
      const runId = `run-${index}`
      const mode = index % 2 === 0 ? 'append' : 'overwrite'
      const output = JSON.parse(readFileSync(await killed(scene, runId, mode, instant), 'utf8'))
      assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
      assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
      await icebergTarget().release(output.plan)
      rows = mode === 'append' ? rows + 2 : 2
      const metadata = (await scene.metadata()) as TableMetadata
      assert.equal(
        (await planScan(metadata)).files.reduce((sum, { records }) => sum + records, 0),
        rows,
      )
      assert.equal(metadata.snapshots?.length, index + 2)
    }
  })

  it('is undone by whoever aborts it, unless it was made', async () => {
    using scene = new TableScene()
    await scene.run('first', { mode: 'create', rows: [row(0)] })
    let rows = 1
    for (const [index, instant] of INSTANTS.entries()) {
      const runId = `run-${index}`
      const output = JSON.parse(readFileSync(await killed(scene, runId, 'append', instant), 'utf8'))
      await icebergTarget().abort(output.plan)
      const metadata = (await scene.metadata()) as TableMetadata
      if (holdsRun(metadata, { branch: 'main', runId, job: '' })) rows += 2
      const { files } = await planScan(metadata)
      assert.equal(
        files.reduce((sum, { records }) => sum + records, 0),
        rows,
      )
      for (const { path } of files) assert.ok(readFileSync(path.slice('file://'.length)).length > 0)
    }
  })
})
