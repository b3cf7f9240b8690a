import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { startHookServer } from '../../lifecycle/testing/hook-server.ts'
import { CUSTOMERS, GOOD } from './testing/customers.ts'
import { ensureBuilt, jsonLines, plainLines, sluice, workspace } from './testing/sluice.ts'

const ROOT = join(import.meta.dirname, '../../..')
const JOB = `import { defineJob, readCsv, writeCsv } from 'sluice'
export default defineJob({
  name: 'people',
  extract: ({ dataset }) => readCsv(dataset('people')),
  validate: { requiredColumns: ['name'] },
  load: ({ target }) => writeCsv(target('people')),
  onInvalid: 'quarantine',
})
`
const QUIET = { SLUICE_LOG: 'silent' }

describe('environments', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('run the example unchanged: local on fixtures, dev on the lake', async () => {
    using place = workspace()
    const { cwd } = place
    copyFileSync(join(ROOT, 'examples/customer-import.ts'), join(cwd, 'job.ts'))
    cpSync(join(ROOT, 'fixtures/customers.csv'), join(cwd, 'fixtures/customers.csv'))
    cpSync(join(ROOT, 'fixtures/customers.csv'), join(cwd, 'lake/dev/bronze/customers/a.csv'))
    const env = { ...QUIET, SLUICE_BUCKET_TEMPLATE: 'lake/{env}/{layer}' }
    const local = await sluice(['run', 'job.ts', '--json'], { cwd, env })
    const dev = await sluice(['run', 'job.ts', '--env', 'dev', '--json'], { cwd, env })
    assert.deepEqual([local.code, dev.code], [0, 0])
    const [one, other] = [JSON.parse(local.stdout), JSON.parse(dev.stdout)]
    assert.deepEqual([one.environment, other.environment], ['local', 'dev'])
    assert.deepEqual(one.rows, other.rows)
    assert.ok(existsSync(join(cwd, 'dist/local_output/customers/part-00000.csv')))
    assert.ok(existsSync(join(cwd, 'lake/dev/silver/customers/part-00000.csv')))
  })

  it('come from the flag, else the variable, else the file, else are local', async () => {
    using place = workspace({ 'job.ts': JOB, 'sluice.config.ts': `export default { environment: 'dev' }` })
    const environmentOf = async (args: readonly string[], env: Record<string, string>) => {
      for (const name of ['local', 'dev', 'staging', 'prod']) lake(place.cwd, name)
      const settings = { ...QUIET, SLUICE_BUCKET_TEMPLATE: 'lake/{env}/{layer}', SLUICE_DATA_DIR: 'data', ...env }
      const { stdout } = await sluice(['run', 'job.ts', '--json', ...args], { ...place, env: settings })
      return JSON.parse(stdout).environment
    }
    assert.equal(await environmentOf(['--env', 'prod'], { SLUICE_ENV: 'staging' }), 'prod')
    assert.equal(await environmentOf([], { SLUICE_ENV: 'staging' }), 'staging')
    assert.equal(await environmentOf([], {}), 'dev')
    writeFileSync(join(place.cwd, 'empty.mjs'), 'export default {}')
    assert.equal(await environmentOf(['--config', 'empty.mjs'], {}), 'local')
  })

  it('send dead letters where the flag, the variable, the job or the file says, in this order', async () => {
    const config = `export default { deadLetters: 'file/{env}.jsonl', dataDir: 'data' }`
    using place = workspace({ 'job.ts': JOB, 'sluice.config.mjs': config })
    const own = JOB.replace(`onInvalid`, `deadLetters: 'job.jsonl',\n  onInvalid`)
    writeFileSync(join(place.cwd, 'own.ts'), own)
    lake(place.cwd, 'local')
    const lettersOf = async (args: readonly string[], env: Record<string, string> = {}) => {
      const { stdout } = await sluice(['run', ...args, '--json'], { ...place, env: { ...QUIET, ...env } })
      return JSON.parse(stdout).dead_letters.path.slice(place.cwd.length + 1)
    }
    const variable = { SLUICE_DEAD_LETTERS: 'variable.jsonl' }
    assert.equal(await lettersOf(['own.ts', '--dlq', 'flag.jsonl'], variable), 'flag.jsonl')
    assert.equal(await lettersOf(['own.ts'], variable), 'variable.jsonl')
    assert.equal(await lettersOf(['own.ts']), 'job.jsonl')
    assert.equal(await lettersOf(['job.ts']), 'file/local.jsonl')
    assert.equal(jsonLines(readFileSync(join(place.cwd, 'file/local.jsonl'), 'utf8')).length, 1)
  })

  it('tell whom the variable, the job or the file says, in this order', async () => {
    await using hooks = await startHookServer()
    const config = `export default { notify: ['${hooks.url}/file/{env}'], dataDir: 'data' }`
    using place = workspace({ 'job.ts': JOB, 'sluice.config.mjs': config })
    const jobOf = (notify: string) => JOB.replace('onInvalid', `notify: ${notify},\n  onInvalid`)
    writeFileSync(join(place.cwd, 'own.ts'), jobOf(`'${hooks.url}/job'`))
    writeFileSync(join(place.cwd, 'silent.ts'), jobOf('[]'))
    lake(place.cwd, 'local')
    const toldBy = async (job: string, env: Record<string, string> = {}) => {
      hooks.hooks.length = 0
      const { stdout } = await sluice(['run', job, '--json'], { ...place, env: { ...QUIET, ...env } })
      const { notifications = [] } = JSON.parse(stdout)
      assert.equal(notifications.length, hooks.hooks.length)
      return hooks.hooks.map(({ path }) => path).sort()
    }
    const variable = { SLUICE_NOTIFY: `${hooks.url}/one, ${hooks.url}/two` }
    assert.deepEqual(await toldBy('own.ts', variable), ['/one', '/two'])
    assert.deepEqual(await toldBy('own.ts'), ['/job'])
    assert.deepEqual(await toldBy('silent.ts'), [])
    assert.deepEqual(await toldBy('job.ts'), ['/file/local'])
  })

  it('keep state and audit where the file says, also for runs and recover', async () => {
    const config = `import { defineConfig } from 'sluice'
export default defineConfig({ environments: { review: { state: 'state-{env}', audit: 'audits', buckets: 'lake/{env}/{layer}' } } })
`
    using place = workspace({ 'job.ts': JOB, 'sluice.config.ts': config })
    lake(place.cwd, 'review')
    const args = ['--env', 'review']
    const run = await sluice(['run', 'job.ts', '--run-id', 'r1', ...args], { ...place, env: QUIET })
    assert.equal(run.code, 0, run.stderr)
    assert.ok(existsSync(join(place.cwd, 'state-review/ledger/r1.json')))
    assert.ok(existsSync(join(place.cwd, 'audits/r1.json')))
    assert.match((await sluice(['runs', ...args], place)).stdout, /r1 +people +committed/)
    assert.match((await sluice(['recover', ...args], place)).stdout, /No interrupted runs in .*state-review/)
    assert.equal((await sluice(['recover'], place)).stdout.includes('state-review'), false)
  })

  it('read datasets as the configuration says, and say what is wrong there', async () => {
    const job = (options: string) => `import { defineJob, writeCsv } from 'sluice'
export default defineJob({
  name: 'read',
  extract: ({ readDataset }) => readDataset('people', ${options}),
  load: writeCsv('out.csv'),
})
`
    const config = `import { defineConfig } from 'sluice'
export default defineConfig({
  datasets: {
    people: [
      { options: { delimiter: ';' }, locations: { local: 'people.txt' } },
      { layer: 'silver', format: 'iceberg' },
      { layer: 'gold', options: { delimter: ';' } as object },
    ],
  },
})
`
    using place = workspace({ 'sluice.config.ts': config, 'people.txt': 'id;email\n1;a@b.c\n' })
    for (const layer of ['bronze', 'silver', 'gold']) {
      writeFileSync(join(place.cwd, `${layer}.ts`), job(`{ layer: '${layer}' }`))
    }
    const bronze = await sluice(['run', 'bronze.ts'], { ...place, env: QUIET })
    assert.equal(bronze.code, 0, bronze.stderr)
    assert.equal(readFileSync(join(place.cwd, 'out.csv'), 'utf8'), 'id,email\n1,a@b.c\n')
    const refused = async (file: string, line: string) => {
      const run = await sluice(['run', file], place)
      assert.deepEqual([run.code, plainLines(run)], [2, [line]])
    }
    await refused(
      'silver.ts',
      'error: silver.ts:4:33: sluice.config.ts: datasets.people: "fixtures/people.iceberg" is no name of a table; write catalog.namespace.table, such as glue_catalog.silver.customers.',
    )
    await refused(
      'gold.ts',
      'error: gold.ts:4:33: sluice.config.ts: datasets.people: readCsv: there is no option "delimter"; did you mean "delimiter"?',
    )
  })

  it('tell of a configuration that is wrong in one line, and exit with 2', async () => {
    using place = workspace({ 'job.ts': JOB, 'in.csv': GOOD, 'sluice.config.ts': 'export default { bucket: "x" }' })
    const expected = [2, ['error: sluice.config.ts: there is no key "bucket"; did you mean "buckets"?']]
    for (const args of ['run job.ts', 'load in.csv out.csv', 'preview job.ts', 'runs', 'recover', 'doctor']) {
      const run = await sluice(args.split(' '), place)
      assert.deepEqual([run.code, plainLines(run)], expected, args)
    }
    writeFileSync(join(place.cwd, 'sluice.config.ts'), `import x from 'no-such-package'\nexport default x\n`)
    const broken = await sluice(['run', 'job.ts'], place)
    assert.equal(broken.code, 2)
    assert.match(broken.stderr, /^error: sluice\.config\.ts: it cannot be loaded: .*no-such-package/)
  })
})

/** The same customers, where an environment has them: bronze, or for local the folder `data`. */
function lake(cwd: string, environment: string): void {
  const path = environment === 'local' ? 'data/people.csv' : `lake/${environment}/bronze/people/a.csv`
  mkdirSync(join(cwd, path, '..'), { recursive: true })
  writeFileSync(join(cwd, path), CUSTOMERS)
}
