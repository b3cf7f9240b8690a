import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import type { CatalogConfigs } from './catalog-config.ts'
import { catalogProblems } from './check-catalogs.ts'
import { findCatalog } from './find-catalog.ts'
import { fromEnv } from './secret.ts'
import type { Setting } from './settings.ts'

function settings(environment: string, value?: CatalogConfigs) {
  const setting = <T>(given: T): Setting<T> => ({ value: given, from: 'file', name: 'f' })
  return { environment: setting(environment), catalogs: setting(value) }
}

describe('findCatalog', () => {
  it('finds what is configured', () => {
    const rest = { type: 'rest', uri: 'https://c' } as const
    assert.equal(findCatalog(settings('local', { lake: rest }), 'lake'), rest)
  })

  it('makes a catalog of any other name in a place of its own, in local only', () => {
    const directory = resolve('dist/local_output/glue_catalog')
    assert.deepEqual(findCatalog(settings('local'), 'glue_catalog'), {
      type: 'sql',
      uri: `file:${directory}/catalog.db`,
      warehouse: directory,
    })
    assert.throws(() => findCatalog(settings('prod', { lake: { type: 'sql', uri: 'file:x' } }), 'lak'), {
      code: 'config-invalid',
      message: /did you mean "lake"/,
    })
    assert.throws(() => findCatalog(settings('prod'), 'constructor'), { message: /no catalog is configured/ })
  })
})

describe('the check of catalogs', () => {
  it('takes every kind', () => {
    const token = fromEnv('TOKEN')
    const uri = 'https://c.example.com/iceberg'
    const all: CatalogConfigs = {
      a: { type: 'sql', uri: 'file:lake.db', warehouse: 's3://b/w/' },
      b: { type: 'rest', uri, warehouse: '123', prefix: 'p', location: 's3://b/', headers: { 'x-a': 'b' } },
      c: { type: 'rest', uri, auth: { type: 'bearer', token } },
      d: { type: 'rest', uri, auth: { type: 'oauth2', clientId: 'me', clientSecret: () => 's', scope: 'all' } },
      e: { type: 'rest', uri, auth: { type: 'sigv4', service: 'glue', region: 'eu-central-1' } },
    }
    assert.deepEqual(catalogProblems('catalogs', all), [])
  })

  it('names what is wrong and shows no value', () => {
    const wrong = {
      'a b': {},
      b: { type: 'hive' },
      c: { type: 'sql', wharehouse: 'x' },
      d: { type: 'rest', uri: 'https://u:hunter2@c', auth: { type: 'bearer' }, headers: { authorization: 'hunter2' } },
      e: {
        type: 'rest',
        uri: 'https://c?token=hunter2',
        auth: { type: 'oauth2', clientId: 7, clientSecret: 'hunter2' },
      },
    }
    const problems = catalogProblems('catalogs', wrong)
    const text = problems.join('\n')
    for (const expected of [
      ...[/a name is letters/, /catalogs\.b\.type must be/, /catalogs\.c\.uri is missing/, /did you mean "warehouse"/],
      ...[
        /catalogs\.d\.uri must be a URL/,
        /catalogs\.d\.auth\.token is missing/,
        /catalogs\.e\.uri/,
        /d\.headers must be/,
        /e\.auth\.clientId/,
      ],
    ]) {
      assert.match(text, expected)
    }
    assert.doesNotMatch(text, /hunter2/)
  })
})
