import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { loadConfig } from './load-config.ts'

/** What people get wrong, and how they are told. */
const MISTAKES: readonly (readonly [what: string, config: unknown, message: string])[] = [
  ['a key that is not known', { bucket: 'x' }, 'there is no key "bucket"; did you mean "buckets"?'],
  [
    'such a key of an environment',
    { environments: { dev: { deadLetter: 'x' } } },
    'environments.dev: there is no key "deadLetter"; did you mean "deadLetters"?',
  ],
  [
    'buckets without a layer',
    { buckets: 's3://lake-{env}' },
    'buckets must be a template with {layer} in it, such as s3://data-lake-{env}-{layer}.',
  ],
  [
    'an unknown placeholder',
    { buckets: 's3://lake-{stage}-{layer}' },
    'buckets must be a template with {layer} in it, such as s3://data-lake-{env}-{layer}.',
  ],
  [
    'a value of another kind',
    { environments: { prod: { pathStyle: 'yes' } } },
    'environments.prod.pathStyle must be true or false.',
  ],
  [
    'a listener that is none',
    { notify: ['arn:aws:sqs:eu-central-1:1:q'] },
    'notify must be a list of ARNs of SNS topics and URLs of webhooks, without a password.',
  ],
  [
    'a password in an address',
    { endpoint: 'https://a:b@minio' },
    'endpoint must be a URL such as http://localhost:9000, without a password.',
  ],
  ['a default environment that is none', { environment: 'pord' }, 'environment must be "local" or "dev" or "staging"'],
  [
    'an environment whose name cannot be part of a bucket',
    { environments: { Dev_2: {} } },
    'environments: a name is small letters, digits and "-", not "Dev_2".',
  ],
  [
    'a format that is not known',
    { datasets: { customers: { format: 'cvs' } } },
    'datasets.customers.format must be "csv" or "parquet" or "iceberg".',
  ],
  [
    'a location in an environment that is none',
    { datasets: { customers: { locations: { prd: 'x' } } } },
    'datasets.customers.locations: there is no key "prd"; did you mean "prod"?',
  ],
  [
    'the same layer twice',
    { datasets: { customers: [{ layer: 'gold' }, { layer: 'gold' }] } },
    'datasets.customers has the layer gold twice.',
  ],
  ['no object', 7, 'it must export an object; write `export default defineConfig({ … })`.'],
  [
    'several things at once',
    { regoin: 'x', state: 7 },
    'there is no key "regoin"; did you mean "region"?; state must be text that is not empty.',
  ],
]

describe('loadConfig', () => {
  let directory = ''
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-config-'))
  })
  after(() => rmSync(directory, { recursive: true }))

  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }

  for (const [index, [what, config, message]] of MISTAKES.entries()) {
    it(`refuses ${what}, and names the file and the key`, async () => {
      const path = file(`mistake-${index}.mjs`, `export default ${JSON.stringify(config)}`)
      await assert.rejects(loadConfig(path), (error: SluiceError) => {
        assert.equal(error.code, 'config-invalid')
        assert.equal(error.exitCode, 2)
        assert.ok(error.message.startsWith(`${path}: ${message}`), error.message)
        return true
      })
    })
  }

  it('refuses a file that is not there, throws or exports nothing', async () => {
    const refused = (path: string, text: RegExp) => assert.rejects(loadConfig(path), text)
    await refused(join(directory, 'none.ts'), /none\.ts: there is no such file; check --config and SLUICE_CONFIG\.$/)
    await refused(directory, /there is no such file; check --config and SLUICE_CONFIG\.$/)
    await refused('', /^SluiceError: \/.*: there is no such file; check/)
    await refused(file('throws.ts', 'throw new RangeError("no")'), /throws\.ts: it cannot be loaded: RangeError: no$/)
    await refused(file('empty.mjs', 'export const config = 1'), /empty\.mjs: it has no default export; write/)
  })

  it('loads a file once', async () => {
    const path = file('counted.mjs', 'globalThis.loads = (globalThis.loads ?? 0) + 1\nexport default {}')
    const [first, second] = await Promise.all([loadConfig(path), loadConfig(path)])
    assert.equal(first, second)
    assert.equal((globalThis as { loads?: number }).loads, 1)
  })

  it('takes everything that there is to configure', async () => {
    const config = {
      environment: 'ci',
      buckets: 's3://lake-{env}/{layer}',
      region: 'eu-central-1',
      environments: {
        local: { dataDir: 'data' },
        ci: { endpoint: 'http://localhost:9000', pathStyle: true, state: '/var/lib/sluice', audit: 'audit' },
        prod: {
          deadLetters: 'sqs://sqs.eu-central-1.amazonaws.com/123456789012/rejected',
          notify: ['arn:aws:sns:eu-central-1:123456789012:loads', 'https://hooks.example.com/x'],
          catalog: { type: 'rest', uri: 'https://catalog' },
        },
      },
      datasets: {
        customers: [
          { format: 'csv', options: { delimiter: ';' } },
          { layer: 'silver', format: 'iceberg' },
        ],
        orders: { layer: 'gold', format: 'parquet', locations: { prod: 's3://elsewhere/orders/' } },
      },
    }
    const path = file('whole.mjs', `export default ${JSON.stringify(config)}`)
    assert.deepEqual(await loadConfig(path), { file: path, config })
  })

  it('is nothing where there is no file', async () => {
    assert.equal(await loadConfig(), undefined)
  })
})
