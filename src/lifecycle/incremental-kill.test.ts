import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writeIceberg } from '../sinks/iceberg.ts'
import { readIceberg } from '../sources/iceberg.ts'
import type { CrashPoint } from '../storage/crash-point.ts'
import { loadTable } from '../storage/iceberg/load-table.ts'
import { scanTable } from '../storage/iceberg/plan-scan.ts'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import type { Job } from './job.ts'
import { previewJob } from './preview.ts'
import { LakeOnS3 } from './testing/lakes-on-s3.ts'
import { passOn, type TableRun } from './testing/table-run.ts'

const DRIVER = join(import.meta.dirname, 'testing', 'table-run.ts')

const STEPS: readonly CrashPoint[] = [
  ...([
    'run-claimed',
    'run-planned',
    'staging-opened',
    'split-staged',
    'output-assembling',
    'output-assembled',
  ] as const),
  ...(['run-deciding', 'run-decided', 'target-locked', 'target-switched', 'outcome-journaled'] as const),
  ...(['staging-released', 'audit-written', 'ledger-written', 'run-settled'] as const),
]

async function killedAt(step: CrashPoint, run: TableRun): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', DRIVER, JSON.stringify(run)], {
    env: { ...process.env, SLUICE_CRASH_AT: step },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL', `${step} was not passed`)
}

async function idsIn(table: string, { catalog }: TableRun): Promise<readonly unknown[]> {
  const extract = readIceberg(table, { catalog, columns: ['id'] })
  const { rows } = await previewJob({ name: 'look', extract, load: writeIceberg(table) } as unknown as Job)
  return rows.map(([id]) => id).sort()
}

/** What the next run finds after a kill, which reads either what the killed one did not commit and more, or only that. */
async function checkResumed(scene: TableScene, step: CrashPoint, after: () => void = () => {}): Promise<void> {
  const { catalog, table: from } = scene
  const run = { from, to: from.replace('silver', 'gold'), catalog, state: join(scene.directory, 'state') }
  await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
  await passOn(run, 'create')
  await scene.run('two', { rows: [row(3)] })
  await killedAt(step, run)
  after()
  await scene.run('three', { rows: [row(4)] })
  const report = await passOn(run)
  assert.ok(report.rows.read === 1 || report.rows.read === 2)
  assert.deepEqual(await idsIn(run.to, run), [1n, 2n, 3n, 4n])
  const { properties } = (await loadTable(run.to, catalog)) ?? {}
  const head = (await scanTable(from, { catalog })).snapshotId
  assert.equal(properties?.[`sluice.bookmark.pass-on/${from}`], head)
}

describe('a run that resumes and is killed', () => {
  for (const step of STEPS) {
    it(`at ${step} leaves to the next one what it has not committed, and nothing else`, async () => {
      using scene = new TableScene()
      await checkResumed(scene, step)
    })
  }
})

for (const [name, start] of Object.entries({ SQL: LakeOnS3.ofSql, REST: LakeOnS3.ofRest })) {
  describe(`a run from a table on S3 to another, of a ${name} catalog, that resumes and is killed`, () => {
    let lake: LakeOnS3
    before(async () => {
      lake = await start()
    })
    after(() => lake[Symbol.asyncDispose]())

    for (const step of STEPS.slice(STEPS.indexOf('output-assembled'), STEPS.indexOf('audit-written'))) {
      it(`at ${step} leaves to the next one what it has not committed, and no file that nobody names`, async () => {
        using scene = new TableScene(`lake.silver.${step.replaceAll('-', '_')}`, () => lake.catalog)
        await checkResumed(scene, step, () => lake.expire())
        for (const table of [scene.table, scene.table.replace('silver', 'gold')]) {
          assert.deepEqual(await lake.orphans(table), [])
        }
      })
    }
  })
}
