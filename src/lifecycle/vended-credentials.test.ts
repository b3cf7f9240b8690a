import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { RunEvent } from '../context.ts'
import { type WriteIcebergOptions, writeIceberg } from '../sinks/iceberg.ts'
import { lastCommitted } from '../sources/iceberg/options.ts'
import { readIceberg } from '../sources/iceberg.ts'
import { readRows } from '../sources/rows.ts'
import { forgetEndpoint, VendingLake } from '../storage/iceberg/testing/vending-lake.ts'
import type { Job } from './job.ts'
import type { RunReport } from './report.ts'
import { type RunOptions, runJob } from './run.ts'
import { sandbox, unsettled } from './testing/sandbox.ts'

const FROM = 'lake.silver.orders'
const TO = 'lake.gold.orders'
const SECRET = /vended-(secret|token)/

forgetEndpoint()

/** Runs, and all that they say. */
class Runs {
  readonly catalog: WriteIcebergOptions['catalog'] & object
  readonly said: unknown[] = []
  readonly #box: ReturnType<typeof sandbox>

  constructor(lake: VendingLake, box: ReturnType<typeof sandbox>) {
    this.catalog = { type: 'rest', uri: lake.catalog.uri, warehouse: 'wh' }
    this.#box = box
  }

  get state(): string {
    return join(this.#box.path, 'state')
  }

  async run(job: Partial<Job>, table: string, options: WriteIcebergOptions, more: RunOptions = {}): Promise<RunReport> {
    const load = writeIceberg(table, { catalog: this.catalog, ...options })
    const write = (...line: unknown[]) => this.said.push(line)
    const log = { debug: write, info: write, warn: write, error: write }
    const hear = (event: RunEvent) => {
      this.said.push(event)
      more.onEvent?.(event)
    }
    const settings = { state: this.state, log, ...more, onEvent: hear }
    const report = await runJob({ name: 'orders', ...job, load } as Job, settings)
    this.said.push(report, report.toJSON())
    return report
  }

  /** In whatever is left on disk, logged, told or thrown. */
  checkUnsaid(error?: unknown): void {
    const files = globSync('**/*', { cwd: this.#box.path }).map((name) => join(this.#box.path, name))
    for (const file of files)
      if (statSync(file).isFile()) assert.doesNotMatch(readFileSync(file, 'latin1'), SECRET, file)
    assert.doesNotMatch(inspect([this.said, error], { depth: 12, showHidden: true, maxArrayLength: 9999 }), SECRET)
    assert.deepEqual(unsettled(this.state), [])
  }
}

describe('a run whose tables are reached with what their catalog gives', () => {
  it('goes on when that ends, again and again, while it reads and writes, and tells it nowhere', async () => {
    await using lake = await VendingLake.start()
    using box = sandbox('vended')
    const runs = new Runs(lake, box)
    const rows = Array.from({ length: 3000 }, (_, id) => ({ id, shop: `shop ${id % 7}` }))
    const small = { fileBytes: 3000, rowGroupRows: 200, partitionBy: ['shop'] }
    await runs.run({ extract: readRows(rows) }, FROM, { mode: 'create', ...small })
    const extract = readIceberg(FROM, { catalog: runs.catalog, since: lastCommitted })
    const pass = (mode: 'create' | 'append') =>
      runs.run({ name: 'pass', extract }, TO, { mode, ...small }, { onEvent: () => lake.expire() })
    assert.equal((await pass('create')).rows.loaded, 3000)
    await runs.run({ extract: readRows(rows.slice(0, 20)) }, FROM, small)
    assert.equal((await pass('append')).rows.loaded, 20)
    assert.ok(lake.given.length > 20, `${lake.given.length}`)
    runs.checkUnsaid()
  })

  it('asks for more before that ends, where the catalog says when', async () => {
    await using lake = await VendingLake.start({ lifeMs: 1500 })
    using box = sandbox('vended')
    const runs = new Runs(lake, box)
    await runs.run({ extract: readRows([{ id: 0 }]) }, FROM, { mode: 'create' })
    async function* slowly() {
      for (let id = 1; id <= 8; id++) {
        await sleep(500)
        yield { id }
      }
    }
    const report = await runs.run({ extract: readRows(slowly()) }, FROM, { fileBytes: 1, rowGroupRows: 1 })
    assert.equal(report.rows.loaded, 8)
    assert.deepEqual(
      lake.s3.requests.entries.filter(({ status }) => status !== 200 && status !== 204 && status !== 206),
      [],
    )
  })

  it('leaves nothing when S3 takes none of it any more, once it does again', async () => {
    await using lake = await VendingLake.start()
    using box = sandbox('vended')
    const runs = new Runs(lake, box)
    await runs.run({ extract: readRows([{ id: 0 }]) }, FROM, { mode: 'create' })
    const before = lake.keys()
    const rejected = { extract: readRows([{ id: 1 }, { id: 1 }]), validate: { uniqueColumns: ['id'] } }
    const failure = await runs.run(rejected, FROM, {}, { onEvent: () => lake.expire() }).catch((error) => error)
    assert.equal(failure.code, 'validation-failed')
    assert.deepEqual(lake.keys(), before)
    runs.checkUnsaid(failure)
  })
})
