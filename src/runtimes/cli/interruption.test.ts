import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readdirSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { jobText } from './testing/customers.ts'
import { ended, ensureBuilt, jsonLines, sluice, startSluice, workspace } from './testing/sluice.ts'

/** A job that waits for more of stdin. */
const WAITING = { 'job.ts': jobText().replace(`'in.csv'`, `'-'`) }
/** A job that waits for a function that never answers. */
const STUCK = {
  'job.ts': jobText().replace(
    '.withColumn',
    '.mapRows(() => new Promise(() => setTimeout(() => {}, 60_000))).withColumn',
  ),
  'in.csv': 'id,email\n1,a@example.com\n',
}

/** A job whose source hears nothing of signals. */
const DEAF = `import { defineJob, readRows, writeCsv } from 'sluice'

const extract = readRows([{ id: 1 }])
extract.verify = () => new Promise((done) => setTimeout(done, 60_000))

export default defineJob({ name: 'deaf', extract, load: writeCsv('out.csv') })
`

describe('an interrupted run', { concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const [what, files] of [
    ['waits for stdin', WAITING],
    ['waits for a function', STUCK],
  ] as const) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`exits with 130 and leaves nothing behind when it ${what} (${signal})`, async () => {
        using place = workspace(files)
        const child = startSluice(['run', 'job.ts', '--json'], place)
        const end = ended(child)
        await staging(child)
        child.kill(signal)
        const { code, stdout } = await end
        const { error, rows } = JSON.parse(stdout)
        assert.deepEqual([code, error.code, rows.loaded], [130, 'interrupted', 0])
        assert.deepEqual(readdirSync(place.cwd).sort(), ['.sluice', ...Object.keys(files)].sort())
        assert.deepEqual(globSync('.sluice/runs/*', { cwd: place.cwd }), [])
      })
    }
  }

  it('can be killed, listed and recovered; beside it a live one is left alone', async () => {
    using place = workspace(WAITING)
    const dead = startSluice(['run', 'job.ts', '--run-id', 'dead'], place)
    await staging(dead)
    dead.kill('SIGKILL')
    await once(dead, 'close')
    const live = startSluice(['run', 'job.ts', '--run-id', 'live'], place)
    const end = ended(live)
    await staging(live)
    const listed = await sluice(['runs', '--json'], place)
    assert.deepEqual(
      JSON.parse(listed.stdout).map((run: { run_id: string; status: string }) => [run.run_id, run.status]),
      // The live run settled the dead one, which had staged on the same target.
      [
        ['live', 'live'],
        ['dead', 'failed'],
      ],
    )
    const recovered = await sluice(['recover', '--json'], place)
    assert.equal(recovered.code, 0)
    assert.deepEqual(
      JSON.parse(recovered.stdout).runs.map((run: { run_id: string; action: string }) => [run.run_id, run.action]),
      [['live', 'live']],
    )
    live.stdin?.end('id,email\n1,a@example.com\n')
    assert.equal((await end).code, 0)
  })

  it('stops at once at the second signal, and says how to clean up', async () => {
    using place = workspace({ 'job.ts': DEAF })
    const child = startSluice(['run', 'job.ts', '--run-id', 'r'], place)
    const end = ended(child)
    await staging(child)
    child.kill('SIGINT')
    await new Promise((done) => setTimeout(done, 100))
    child.kill('SIGINT')
    const { code, stderr } = await end
    assert.equal(code, 130)
    assert.match(stderr, /\nerror: Stopped at once\. Run `sluice recover` to finish or undo run r\.\n$/)
    const recovered = await sluice(['recover'], place)
    assert.equal(recovered.code, 0)
    assert.match(recovered.stdout, /^r +deaf +undone/)
    assert.deepEqual(readdirSync(place.cwd).sort(), ['.sluice', 'job.ts'])
  })
})

/** Until the run is planned, so that it has something to leave behind. */
async function staging(child: ChildProcess): Promise<void> {
  let text = ''
  for await (const [chunk] of on(child)) {
    text += chunk
    if (jsonLines(text.slice(0, text.lastIndexOf('\n') + 1)).some((line) => line['msg'] === 'planned')) return
  }
}

async function* on(child: ChildProcess): AsyncGenerator<[string]> {
  for (;;) yield (await once(child.stderr as NodeJS.ReadableStream, 'data')) as [string]
}
