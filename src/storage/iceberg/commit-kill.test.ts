import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startS3Server } from '../testing/s3/s3-server.ts'
import { holdsRun } from './find-commit.ts'
import { icebergTarget } from './iceberg-target.ts'
import { planScan } from './plan-scan.ts'
import { reachTable, workOn } from './reach-table.ts'
import type { TableMetadata } from './table-metadata.ts'
import { namedFiles } from './testing/named-files.ts'
import { row, TableScene } from './testing/table-scene.ts'
import { VendingLake } from './testing/vending-lake.ts'

/** A table, and where it lies. */
interface Place extends AsyncDisposable {
  readonly scene: TableScene
  /** Milliseconds after a commit was prepared. It takes about 20 on a disk, and more elsewhere. */
  readonly instants: readonly number[]
  /** Files, or objects of S3. */
  keys(): readonly string[]
}

async function onDisk(): Promise<Place> {
  const scene = new TableScene()
  const close = async () => scene[Symbol.dispose]()
  const lake = join(scene.directory, 'lake')
  const keys = () => globSync('**/*.*', { cwd: lake }).map((name) => join(lake, name))
  return { scene, instants: [0, 3, 6, 9, 12, 15, 20, 30], keys, [Symbol.asyncDispose]: close }
}

async function onS3(): Promise<Place> {
  const server = await startS3Server({ buckets: ['lake'] })
  const known = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' }
  Object.assign(process.env, { ...known, AWS_ENDPOINT_URL_S3: server.endpoint })
  const scene = new TableScene('lake.silver.customers', (directory) => {
    return { type: 'sql', uri: `file:${directory}/catalog.db`, warehouse: 's3://lake/wh' }
  })
  const close = async () => {
    delete process.env['AWS_ENDPOINT_URL_S3']
    await server.close()
    scene[Symbol.dispose]()
  }
  const keys = () => [...(server.buckets.get('lake')?.objects.keys() ?? [])]
  return { scene, instants: [0, 10, 20, 35, 50, 80], keys, [Symbol.asyncDispose]: close }
}

async function ofRest(): Promise<Place> {
  const lake = await VendingLake.start()
  const scene = lake.scene()
  const close = async () => {
    await lake[Symbol.asyncDispose]()
    scene[Symbol.dispose]()
  }
  return { scene, instants: [0, 10, 20, 35, 50, 80], keys: () => lake.keys(), [Symbol.asyncDispose]: close }
}

const PLACES = { 'on a disk': onDisk, 'on S3': onS3, 'on S3 of a REST catalog': ofRest }

async function killed(scene: TableScene, runId: string, mode: string, instant: number): Promise<string> {
  const file = join(scene.directory, `${runId}.json`)
  const committer = join(import.meta.dirname, 'testing', 'committer.ts')
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', committer, JSON.stringify(scene.catalog), runId, mode, file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // Asked for before it is killed: it may have ended by itself until then.
  const ended = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), ended])
  await sleep(instant)
  child.kill('SIGKILL')
  await ended
  return file
}

/** Of the head of main, all of whose files are there. */
async function rowsOf({ scene, keys }: Place): Promise<number> {
  const metadata = (await scene.metadata()) as TableMetadata
  const { files } = await inTable(scene, () => planScan(metadata))
  for (const { path } of files) {
    assert.ok(keys().includes(path.replace(/^file:\/\/|^s3:\/\/lake\//, '')), path)
  }
  return files.reduce((sum, { records }) => sum + records, 0)
}

async function inTable<R>({ table, catalog }: TableScene, work: () => Promise<R>): Promise<R> {
  return await workOn(reachTable(table, catalog), work)
}

/** Objects that the table does not name, but for metadata whose pointer never moved, which no run knows of. */
async function orphans({ scene, keys }: Place): Promise<readonly string[]> {
  const metadata = (await scene.metadata()) as TableMetadata
  const named = await inTable(scene, () => namedFiles(metadata))
  const made = keys().filter((key) => !/\.metadata\.json$|catalog\.db/.test(key))
  return made.filter((key) => !named.has(key.startsWith('/') ? `file://${key}` : `s3://lake/${key}`))
}

describe('a commit whose process is killed', () => {
  for (const [where, start] of Object.entries(PLACES)) {
    it(`${where} is made once by whoever finishes it from the journal`, async () => {
      await using place = await start()
      const { scene, instants } = place
      await scene.run('first', { mode: 'create', rows: [row(0)] })
      let rows = 1
      for (const [index, instant] of instants.entries()) {
        const runId = `run-${index}`
        const mode = index % 2 === 0 ? 'append' : 'overwrite'
        const output = JSON.parse(readFileSync(await killed(scene, runId, mode, instant), 'utf8'))
        assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
        assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
        await icebergTarget().release(output.plan)
        rows = mode === 'append' ? rows + 2 : 2
        assert.equal(await rowsOf(place), rows)
        assert.equal((await scene.metadata())?.snapshots?.length, index + 2)
        assert.deepEqual(await orphans(place), [])
      }
    })
  }

  // A request to a server may be on its way when its process is killed. There nobody aborts what he may have committed.
  for (const [where, start] of Object.entries({ 'on a disk': onDisk, 'on S3': onS3 })) {
    it(`${where} is undone by whoever aborts it, unless it was made`, async () => {
      await using place = await start()
      const { scene, instants } = place
      await scene.run('first', { mode: 'create', rows: [row(0)] })
      let rows = 1
      for (const [index, instant] of instants.entries()) {
        const runId = `run-${index}`
        const output = JSON.parse(readFileSync(await killed(scene, runId, 'append', instant), 'utf8'))
        await icebergTarget().abort(output.plan)
        const metadata = (await scene.metadata()) as TableMetadata
        if (holdsRun(metadata, { branch: 'main', runId, job: '' })) rows += 2
        assert.equal(await rowsOf(place), rows)
        assert.deepEqual(await orphans(place), [])
      }
    })
  }
})
