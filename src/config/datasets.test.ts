import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SluiceConfig } from './config.ts'
import { findDataset, locateTarget } from './datasets.ts'
import { resolveSettings, type Settings } from './settings.ts'

const DATASETS: NonNullable<SluiceConfig['datasets']> = {
  orders: { layer: 'gold', locations: { prod: 's3://elsewhere/orders/', local: 'data/orders.txt' } },
  people: [
    { options: { delimiter: ';' } },
    { layer: 'silver', format: 'parquet', locations: { staging: 's3://{env}/p/' } },
  ],
}

describe('findDataset', () => {
  for (const [environment, location] of [
    ['local', 'fixtures/customers.csv'],
    ['dev', 's3://data-lake-dev-bronze/customers/'],
    ['staging', 's3://data-lake-staging-bronze/customers/'],
    ['prod', 's3://data-lake-prod-bronze/customers/'],
  ] as const) {
    it(`finds customers in ${environment} at ${location}`, async () => {
      assert.equal(findDataset(await settingsOf(environment), 'customers').location, location)
    })
  }

  it('takes the layer that is asked for, else the configured one, else bronze', async () => {
    const prod = await settingsOf('dev', {}, DATASETS)
    assert.equal(findDataset(prod, 'customers', { layer: 'gold' }).location, 's3://data-lake-dev-gold/customers/')
    assert.equal(findDataset(prod, 'orders').location, 's3://data-lake-dev-gold/orders/')
    assert.equal(findDataset(prod, 'orders', { layer: 'silver' }).location, 's3://data-lake-dev-silver/orders/')
  })

  it('takes a local path only in local', async () => {
    const options = { localPath: 'mine.csv' }
    assert.equal(findDataset(await settingsOf('local'), 'customers', options).location, 'mine.csv')
    assert.match(findDataset(await settingsOf('dev'), 'customers', options).location, /^s3:/)
  })

  it('takes the configured folder and template', async () => {
    const variables = { SLUICE_DATA_DIR: 'data/', SLUICE_BUCKET_TEMPLATE: '/mnt/{env}/{layer}/' }
    assert.equal(findDataset(await settingsOf('local', variables), 'customers').location, 'data/customers.csv')
    assert.equal(findDataset(await settingsOf('dev', variables), 'customers').location, '/mnt/dev/bronze/customers/')
  })

  it('takes a configured location, but for its own layer only', async () => {
    const prod = await settingsOf('prod', {}, DATASETS)
    assert.equal(findDataset(prod, 'orders').location, 's3://elsewhere/orders/')
    assert.equal(findDataset(prod, 'orders', { layer: 'bronze' }).location, 's3://data-lake-prod-bronze/orders/')
    assert.equal(findDataset(await settingsOf('local', {}, DATASETS), 'orders').location, 'data/orders.txt')
  })

  it('knows format and options of each layer', async () => {
    const staging = await settingsOf('staging', {}, DATASETS)
    const bronze = findDataset(staging, 'people')
    assert.deepEqual([bronze.format, bronze.options], ['csv', { delimiter: ';' }])
    const silver = findDataset(staging, 'people', { layer: 'silver' })
    assert.deepEqual([silver.format, silver.location], ['parquet', 's3://staging/p/'])
  })

  it('refuses names and options that make no sense', async () => {
    const settings = await settingsOf('local')
    assert.throws(() => findDataset(settings, '../x'), { code: 'dataset-not-found' })
    assert.throws(() => findDataset(settings, 'x', { layer: 'sliver' as 'silver' }), {
      code: 'job-invalid',
      message: `dataset('x'): layer must be "bronze" or "silver" or "gold".`,
    })
    assert.throws(() => findDataset(settings, 'x', { local: 'y' } as object), /there is no option "local"/)
  })
})

describe('locateTarget', () => {
  it('writes to dist/local_output in local, else to silver', async () => {
    assert.equal(locateTarget(await settingsOf('local'), 'customers'), 'dist/local_output/customers/')
    assert.equal(locateTarget(await settingsOf('local'), 'customers', { localPath: 'out/' }), 'out/')
    assert.equal(locateTarget(await settingsOf('prod'), 'customers'), 's3://data-lake-prod-silver/customers/')
    assert.equal(
      locateTarget(await settingsOf('dev'), 'customers', { layer: 'gold' }),
      's3://data-lake-dev-gold/customers/',
    )
  })

  it('never takes the configured location of another layer, which may be its own source', async () => {
    const prod = await settingsOf('prod', {}, DATASETS)
    assert.equal(locateTarget(prod, 'orders'), 's3://data-lake-prod-silver/orders/')
    assert.equal(locateTarget(prod, 'orders', { layer: 'gold' }), 's3://elsewhere/orders/')
  })
})

async function settingsOf(
  environment: string,
  variables: Readonly<Record<string, string>> = {},
  datasets: Settings['datasets'] = {},
): Promise<Settings> {
  return { ...(await resolveSettings({ environment }, variables)), datasets }
}
