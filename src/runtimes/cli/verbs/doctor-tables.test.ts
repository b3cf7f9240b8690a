import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { RestCatalogServer } from '../../../storage/iceberg/testing/rest-catalog-server.ts'
import { row, TableScene } from '../../../storage/iceberg/testing/table-scene.ts'
import { ensureBuilt, sluice, workspace } from '../testing/sluice.ts'

function configured(catalogs: object, datasets: object = {}): string {
  return `import { fromEnv } from 'sluice'\nexport default ${JSON.stringify({ catalogs, datasets })}`.replace(
    '"fromEnv"',
    "fromEnv('LAKE_TOKEN')",
  )
}

function job(from: string, to: string): string {
  return `import { defineJob, readIceberg, writeIceberg } from 'sluice'
export default defineJob({ name: 'pass', extract: ${from}, load: writeIceberg(${to}) })
`
}

/** What the doctor says of catalogs and tables, and how it ends. */
async function doctor(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await sluice(['doctor', ...args], { cwd, env })
  assert.equal(stderr, '')
  const lines = stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))
  return { code, lines: lines.filter((line) => /^\w+ \| (catalog|dataset|source|target) /.test(line)), stdout }
}

describe('sluice doctor on tables', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('says of each configured catalog whether it can be reached, and makes none', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    using place = workspace({ 'sluice.config.mjs': '' })
    writeFileSync(join(place.cwd, 'text.db'), 'this is no database, whatever its name says, and it is long enough')
    const catalogs = {
      lake: scene.catalog,
      fresh: { type: 'sql', uri: 'file:fresh/catalog.db' },
      text: { type: 'sql', uri: 'file:text.db' },
      gone: { type: 'rest', uri: 'http://127.0.0.1:9' },
    }
    writeFileSync(join(place.cwd, 'sluice.config.mjs'), configured(catalogs))
    const { code, lines } = await doctor(place.cwd)
    assert.equal(code, 4)
    const origin = '(sluice.config.mjs)'
    const { uri } = scene.catalog
    assert.equal(lines[0], `ok | catalog | lake: ${uri} ${origin} | reachable, tables: 1`)
    assert.equal(lines[1], `ok | catalog | fresh: file:fresh/catalog.db ${origin} | will be made`)
    assert.match(
      lines[2] as string,
      /^failed \| catalog \| text: .* \| Cannot read the catalog .*file is not a database/,
    )
    assert.match(
      lines[3] as string,
      /^failed \| catalog \| gone: .* \| Cannot connect at the catalog gone .*ECONNREFUSED/,
    )
    assert.deepEqual(readdirSync(place.cwd).sort(), ['sluice.config.mjs', 'text.db'])
  })

  it('tells a server that refuses from one that does not permit to list, and hides the token', async () => {
    using place = workspace()
    await using server = await RestCatalogServer.start({ warehouse: place.cwd, token: 'c4nary', unlisted: true })
    const rest = { type: 'rest', uri: server.uri, warehouse: 'wh', auth: { type: 'bearer', token: 'fromEnv' } }
    writeFileSync(join(place.cwd, 'sluice.config.mjs'), configured({ lake: rest }))
    const known = await doctor(place.cwd, [], { LAKE_TOKEN: 'c4nary' })
    assert.equal(known.code, 0, known.stdout)
    assert.match(
      known.lines[0] as string,
      /^warning \| catalog \| .* \| reachable, but listing its namespaces is not permitted\. Allow/,
    )
    const unknown = await doctor(place.cwd, [], { LAKE_TOKEN: 'wr0ng' })
    assert.equal(unknown.code, 4)
    assert.match(
      unknown.lines[0] as string,
      /^failed \| catalog \| .*HTTP 401.*Check the credentials of the catalog\.$/,
    )
    assert.doesNotMatch(known.stdout + unknown.stdout, /c4nary|wr0ng/)
    assert.ok(server.requests.every(({ method }) => method === 'GET'))
  })

  it('looks at the tables that a job reads and writes, and at no catalog of others', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await scene.run('two', { rows: [row(2)] })
    const catalogs = { lake: scene.catalog, gone: { type: 'rest', uri: 'http://127.0.0.1:9' } }
    using place = workspace({ 'sluice.config.mjs': configured(catalogs) })
    const before = readdirSync(scene.directory, { recursive: true })
    const asked = (from: string, to: string) => {
      writeFileSync(join(place.cwd, 'job.ts'), job(from, to))
      return doctor(place.cwd, ['job.ts'])
    }
    const good = await asked("readIceberg('lake.silver.customers')", "'lake.gold.customers', { mode: 'create' }")
    assert.equal(good.code, 0, good.stdout)
    assert.deepEqual(good.lines.slice(1), [
      'ok | source | lake.silver.customers | readable, data files: 2',
      'ok | target | lake.gold.customers | will be made',
    ])
    const there = await asked("readIceberg('lake.silver.customers')", "'lake.silver.customers'")
    assert.equal(there.lines[2], 'ok | target | lake.silver.customers | there, and writable')
    const bad = await asked("readIceberg('lake.silver.custmers')", "'lake.gold.customers'")
    assert.equal(bad.code, 4)
    assert.deepEqual(bad.lines.slice(1), [
      'failed | source | lake.silver.custmers | There is no table lake.silver.custmers. Check its name and the catalog.',
      'failed | target | lake.gold.customers | There is no table lake.gold.customers. Make it by `mode: "create"` or `"createOrReplace"`.',
    ])
    assert.deepEqual(readdirSync(scene.directory, { recursive: true }), before)
    const [file] = before.filter((name) => String(name).endsWith('.parquet'))
    rmSync(join(scene.directory, String(file)))
    const lost = await asked("readIceberg('lake.silver.customers')", "'lake.gold.customers', { mode: 'create' }")
    assert.match(lost.lines[1] as string, /^failed \| source \| .*\.parquet: does not exist/)
  })

  it('looks at datasets that are tables, also at those that a job asks for', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [] })
    const datasets = { people: { format: 'iceberg', layer: 'silver', locations: { local: scene.table } } }
    using place = workspace({ 'sluice.config.mjs': configured({ lake: scene.catalog }, datasets) })
    const lake = await doctor(place.cwd)
    assert.equal(lake.lines[1], 'ok | dataset | lake.silver.customers (people) | readable, without rows')
    const extract = "({ dataset }) => readIceberg(dataset('people', { layer: 'silver' }))"
    writeFileSync(join(place.cwd, 'job.ts'), job(extract, "'lake.gold.customers', { mode: 'create' }"))
    const own = await doctor(place.cwd, ['job.ts'])
    assert.equal(own.lines[1], 'ok | source | lake.silver.customers (people) | readable, without rows')
    assert.equal(own.code, 0, own.stdout)
  })
})
