import assert from 'node:assert/strict'
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '../../lifecycle/logger.ts'
import { recover } from '../../lifecycle/recovery.ts'
import { runJob } from '../../lifecycle/run.ts'
import { stateDirectory } from '../../lifecycle/state-directory.ts'
import { endOf, pause, startScript } from '../../lifecycle/testing/children.ts'
import { sandbox } from '../../lifecycle/testing/sandbox.ts'
import { noDisk, smallDisk } from '../../lifecycle/testing/small-disk.ts'
import { duck } from '../../parquet/testing/duck.ts'
import { ensureBuilt } from '../../runtimes/cli/testing/sluice.ts'
import { writeParquet } from '../../sinks/parquet.ts'
import { readParquet } from '../../sources/parquet.ts'
import { sql } from '../sql.ts'
import { childrenOf, isAlive } from '../testing/processes.ts'

const SCRIPT = fileURLToPath(new URL('../testing/sql-run.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ENDLESS = 'select sum(hash(r.range + id)) as n from input, range(1000000000000) r'

const FULL = 'sql: no space is left where the query spills, which is the state directory: see `--state`.'

async function place(rows = 10) {
  const box = sandbox('query')
  const path = (name: string) => join(box.path, name)
  await duck(`copy (select i as id, i % 3 as k from range(${rows}) r(i)) to '${path('in.parquet')}' (format parquet)`)
  const run = { input: path('in.parquet'), target: path('out.parquet'), state: path('state') }
  return { path, run, [Symbol.dispose]: () => box[Symbol.dispose]() }
}

async function until<T>(look: () => T | undefined, milliseconds = 20_000): Promise<T> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await pause(20)) {
    const found = look()
    if (found !== undefined) return found
  }
  throw new Error('waited in vain')
}

describe('the process of a query', () => {
  before(ensureBuilt)

  it('is found by the built library as well', async () => {
    using at = await place()
    const query = 'select k, count(*) as n from input group by k'
    const { result } = await endOf(startScript(SCRIPT, { ...at.run, query }))
    assert.deepEqual([result.status, result.rows?.loaded ?? result], ['committed', 3])
    assert.deepEqual(await duck(`from '${at.path('out.parquet')}'`), [
      [0n, 4n],
      [1n, 3n],
      [2n, 3n],
    ])
  })

  it('is gone at once when the run is aborted', async () => {
    using at = await place()
    const abort = new AbortController()
    const job = {
      name: 'gold',
      extract: readParquet(at.run.input),
      transform: (rows: Parameters<ReturnType<typeof sql>>[0]) => rows.pipe(sql(ENDLESS)),
      load: writeParquet(at.run.target),
    }
    const others = childrenOf(process.pid)
    const running = runJob(job, { state: at.run.state, signal: abort.signal })
    running.catch(() => {})
    const child = await until(() => childrenOf(process.pid).find((pid) => !others.includes(pid)))
    // Until it is at work on the query.
    await pause(500)
    const aborted = Date.now()
    abort.abort()
    await assert.rejects(running, { code: 'interrupted' })
    assert.ok(Date.now() - aborted < 2000, `${Date.now() - aborted} ms`)
    assert.equal(isAlive(child), false)
    assert.deepEqual([existsSync(at.run.target), readdirSync(join(at.run.state, 'runs'))], [false, []])
  })

  it('ends by itself when the process of the run is killed', async () => {
    using at = await place()
    const parent = startScript(SCRIPT, { ...at.run, query: ENDLESS })
    const child = await until(() => childrenOf(parent.pid as number)[0])
    await pause(500)
    assert.equal(isAlive(child), true)
    parent.kill('SIGKILL')
    await until(() => (isAlive(child) ? undefined : true), 5000)
    const state = stateDirectory(at.run.state)
    assert.equal((await recover({ state, log: silentLogger })).exitCode, 0)
    assert.deepEqual([existsSync(at.run.target), readdirSync(join(at.run.state, 'runs'))], [false, []])
  })

  for (const [point, rows] of [
    ['split-staged', undefined],
    ['run-decided', 3],
  ] as const) {
    it(`leaves a run that \`recover\` settles when that is killed at ${point}`, async () => {
      using at = await place()
      const query = 'select k, count(*) as n from input group by k'
      const { killed } = await endOf(startScript(SCRIPT, { ...at.run, query }, { SLUICE_CRASH_AT: point }))
      assert.equal(killed, true)
      const state = stateDirectory(at.run.state)
      assert.equal((await recover({ state, log: silentLogger })).exitCode, 0)
      assert.equal(existsSync(at.run.target), rows !== undefined)
      if (rows !== undefined) assert.equal((await duck(`from '${at.run.target}'`)).length, rows)
      assert.equal(globSync('**/scratch', { cwd: at.run.state }).length, 0)
    })
  }

  it('tells of a disk that is full where it spills', { skip: noDisk }, async () => {
    using at = await place(400_000)
    using disk = smallDisk('40m')
    const query = 'select r.range as n, hash(id, r.range) as h from input, range(50) r order by h'
    const run = { ...at.run, state: join(disk.path, 'state'), query, options: { memory: '64MB' } }
    const { result } = await endOf(startScript(SCRIPT, run))
    assert.deepEqual([result.code, result.message], ['disk-full', FULL])
    assert.equal(existsSync(at.run.target), false)
  })

  it('fails the run when it is killed', async () => {
    using at = await place()
    const parent = startScript(SCRIPT, { ...at.run, query: ENDLESS })
    const end = endOf(parent)
    process.kill(await until(() => childrenOf(parent.pid as number)[0]), 'SIGKILL')
    const { result } = await end
    assert.equal(result.code, 'transform-failed')
    assert.match(result.message, /the process of the query ended by SIGKILL/)
  })

  it('hears nothing of the environment of the run', async () => {
    using at = await place()
    const parent = startScript(SCRIPT, { ...at.run, query: ENDLESS }, { AWS_SECRET_ACCESS_KEY: 'hidden' })
    const end = endOf(parent)
    const child = await until(() => childrenOf(parent.pid as number)[0])
    await pause(200)
    const environment = existsSync('/proc') ? readFileSync(`/proc/${child}/environ`, 'utf8') : ''
    parent.kill('SIGKILL')
    await end
    assert.doesNotMatch(environment, /hidden/)
  })

  it('needs a package, of which it says how to install it', async () => {
    using at = await place()
    // An installation of its own, in which all packages are but that one.
    const modules = at.path('node_modules')
    mkdirSync(join(modules, 'sluice'), { recursive: true })
    cpSync(join(ROOT, 'build'), join(modules, 'sluice/build'), { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(modules, 'sluice/package.json'))
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name !== '@duckdb' && !name.startsWith('.'))
        symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
    }
    const library = join(modules, 'sluice/build/index.js')
    const { result } = await endOf(startScript(SCRIPT, { ...at.run, library, query: 'select 1 as one from input' }))
    assert.equal(result.code, 'environment-unavailable')
    assert.match(result.message, /npm install @duckdb\/node-api/)
  })
})
