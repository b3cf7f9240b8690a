import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { holdsCommit, holdsRun } from './find-commit.ts'
import { icebergTarget } from './iceberg-target.ts'
import type { TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

async function history(scene: TableScene, runs: readonly string[]): Promise<TableMetadata> {
  for (const [index, runId] of runs.entries()) {
    await scene.run(runId, { mode: index === 0 ? 'create' : 'append', rows: [row(index)], job: 'load' })
  }
  return (await scene.metadata()) as TableMetadata
}

function main(runId: string) {
  return { branch: 'main', runId, job: 'load' }
}

describe('whether a table holds a run', () => {
  it('is told by every snapshot of its history', async () => {
    using scene = new TableScene()
    const metadata = await history(scene, ['one', 'two', 'three'])
    for (const runId of ['one', 'two', 'three']) assert.ok(holdsRun(metadata, main(runId)))
    assert.equal(holdsRun(metadata, main('four')), false)
    assert.equal(holdsRun(metadata, { ...main('one'), branch: 'audit' }), false)
  })

  it('is told by the note of the last commit where the history has expired', async () => {
    using scene = new TableScene()
    const metadata = await history(scene, ['one', 'two'])
    const [, last] = metadata.snapshots ?? []
    assert.ok(last !== undefined)
    // Another engine has compacted, and expired all before.
    const compacted = {
      ...last,
      'snapshot-id': 9n,
      'parent-snapshot-id': last['snapshot-id'],
      summary: { operation: 'replace' },
    }
    const expired = { ...metadata, snapshots: [compacted], 'current-snapshot-id': 9n, refs: {} }
    assert.ok(holdsRun(expired, main('two')))
    assert.equal(holdsRun(expired, main('one')), false)
    assert.equal(holdsRun(expired, { ...main('two'), job: 'other' }), false)
  })

  it('is denied when somebody has set the branch back, so that the run may be made again', async () => {
    using scene = new TableScene()
    const metadata = await history(scene, ['one', 'two'])
    const first = metadata.snapshots?.[0]?.['snapshot-id'] as bigint
    const back = {
      ...metadata,
      'current-snapshot-id': first,
      refs: { main: { type: 'branch' as const, 'snapshot-id': first } },
    }
    assert.equal(holdsRun(back, main('two')), false)
  })

  it('is also told by the very snapshot of a commit, wherever that stands now', async () => {
    using scene = new TableScene()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1)], branch: 'audit' })
    await icebergTarget().commit(output)
    const { identity: snapshotId } = output
    const metadata = { ...((await scene.metadata()) as TableMetadata), refs: {} }
    assert.ok(holdsCommit(metadata, { ...main('one'), snapshotId }))
    assert.equal(holdsCommit(metadata, { ...main('one'), snapshotId: '7' }), false)
  })
})
