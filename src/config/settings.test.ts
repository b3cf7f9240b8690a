import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { EnvironmentConfig } from './config.ts'
import { resolveSettings } from './settings.ts'

/** Every setting that a variable can set: its variable, a text, and what that means. */
const VARIABLES: readonly (readonly [key: keyof EnvironmentConfig, name: string, text: string, value: unknown])[] = [
  ['buckets', 'SLUICE_BUCKET_TEMPLATE', 's3://v-{env}-{layer}', 's3://v-dev-{layer}'],
  ['region', 'SLUICE_REGION', 'eu-west-1', 'eu-west-1'],
  ['endpoint', 'SLUICE_ENDPOINT', 'http://v:9000', 'http://v:9000'],
  ['pathStyle', 'SLUICE_PATH_STYLE', 'false', false],
  ['deadLetters', 'SLUICE_DEAD_LETTERS', 'v/{env}.jsonl', 'v/dev.jsonl'],
  ['notify', 'SLUICE_NOTIFY', 'https://v/a, https://v/b', ['https://v/a', 'https://v/b']],
  ['audit', 'SLUICE_AUDIT', 'v/audit', 'v/audit'],
  ['state', 'SLUICE_STATE', 'v/state', 'v/state'],
  ['dataDir', 'SLUICE_DATA_DIR', 'v/data', 'v/data'],
]

describe('resolveSettings', () => {
  let directory = ''
  let config = ''
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-settings-'))
    config = join(directory, 'sluice.config.mjs')
    writeFileSync(
      config,
      `export default {
        environment: 'dev',
        ...{ buckets: 's3://f-{layer}', region: 'f-1', endpoint: 'http://f', pathStyle: true, audit: 'f/audit' },
        ...{ deadLetters: 'f.jsonl', notify: ['https://f/{env}'], state: 'f/state', dataDir: 'f/data', catalogs: { a: { type: 'rest', uri: 'https://{env}' } } },
        environments: { prod: { region: 'prod-1', state: 'f/{env}' }, review: {} },
      }`,
    )
  })
  after(() => rmSync(directory, { recursive: true }))

  it('has defaults that need no file and no variable', async () => {
    const { environment, buckets, state, dataDir, deadLetters, file } = await resolveSettings({}, {})
    const from = 'default'
    assert.deepEqual(environment, { value: 'local', from, name: 'default' })
    assert.deepEqual(buckets, { value: 's3://data-lake-local-{layer}', from, name: 'default' })
    assert.deepEqual(
      [state.value, dataDir.value, deadLetters.value, file],
      ['.sluice', 'fixtures', undefined, undefined],
    )
  })

  it('takes the file before the defaults, and its environment before what holds for all', async () => {
    const dev = await resolveSettings({ config }, {})
    assert.deepEqual(dev.environment, { value: 'dev', from: 'file', name: config })
    assert.deepEqual([dev.region.value, dev.state.value, dev.notify.value], ['f-1', 'f/state', ['https://f/dev']])
    const prod = await resolveSettings({ config, environment: 'prod' }, {})
    assert.deepEqual(
      [prod.region.value, prod.state.value, prod.catalogs.value],
      ['prod-1', 'f/prod', { a: { type: 'rest', uri: 'https://prod' } }],
    )
  })

  for (const [key, name, text, value] of VARIABLES) {
    it(`takes ${name} before the file`, async () => {
      assert.equal((await resolveSettings({ config }, {}))[key].from, 'file')
      const settings = await resolveSettings({ config }, { [name]: text })
      assert.deepEqual(settings[key], { value, from: 'variable', name })
      assert.equal((await resolveSettings({ config }, { [name]: '' }))[key].from, 'file', 'an empty variable is none')
    })
  }

  it('takes flags before variables', async () => {
    const variables = { SLUICE_ENV: 'staging', SLUICE_STATE: '/v', SLUICE_DEAD_LETTERS: '/v', SLUICE_CONFIG: '/none' }
    const flags = { config, environment: 'review', state: '/s', deadLetters: '/d/{env}' }
    const { environment, state, deadLetters } = await resolveSettings(flags, variables)
    assert.deepEqual(environment, { value: 'review', from: 'flag', name: '--env' })
    assert.deepEqual(state, { value: '/s', from: 'flag', name: '--state' })
    assert.deepEqual(deadLetters, { value: '/d/review', from: 'flag', name: '--dlq' })
    assert.equal((await resolveSettings({ config }, variables)).environment.name, 'SLUICE_ENV')
    assert.equal((await resolveSettings({}, { SLUICE_CONFIG: config })).file, config)
  })

  it('refuses environments that nobody knows, and names those that there are', async () => {
    await assert.rejects(resolveSettings({ environment: 'prd' }, {}), {
      code: 'environment-unavailable',
      message: 'There is no environment "prd". The environments are local, dev, staging, prod. Did you mean "prod"?',
    })
    await assert.rejects(resolveSettings({ config }, { SLUICE_ENV: 'moon' }), /local, dev, staging, prod, review\.$/)
  })

  it('refuses variables that make no sense', async () => {
    const refused = (variables: Record<string, string>, message: string) =>
      assert.rejects(resolveSettings({}, variables), { code: 'config-invalid', message })
    await refused({ SLUICE_PATH_STYLE: 'maybe' }, 'SLUICE_PATH_STYLE must be true or false.')
    await refused(
      { SLUICE_BUCKET_TEMPLATE: 's3://lake' },
      'SLUICE_BUCKET_TEMPLATE must be a template with {layer} in it, such as s3://data-lake-{env}-{layer}.',
    )
  })
})
