import { AsyncLocalStorage } from 'node:async_hooks'
import type { CatalogConfig } from '../../config/catalog-config.ts'
import { findCatalog } from '../../config/find-catalog.ts'
import type { Settings } from '../../config/settings.ts'

type CatalogSettings = Pick<Settings, 'catalogs' | 'environment'>

/** Does some work with the catalogs of these settings: a process may have runs in several environments at a time. */
export function withCatalogs<R>({ catalogs, environment }: CatalogSettings, work: () => R): R {
  return store.run({ catalogs, environment }, work)
}

/** A catalog by its name. Outside of `withCatalogs` as in the environment `local`, without a configuration. */
export function configuredCatalog(name: string): CatalogConfig {
  return findCatalog(store.getStore() ?? LOCAL, name)
}

const LOCAL: CatalogSettings = {
  catalogs: { value: undefined, from: 'default', name: 'default' },
  environment: { value: 'local', from: 'default', name: 'default' },
}

const store = new AsyncLocalStorage<CatalogSettings>()
