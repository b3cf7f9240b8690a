import { resolve } from 'node:path'
import { SluiceError } from '../errors.ts'
import type { CatalogConfig } from './catalog-config.ts'
import { unknownName } from './check-options.ts'
import type { Settings } from './settings.ts'

/**
 * The catalog of this name. In the environment `local` a name that is not configured is a catalog of its own in
 * `dist/local_output/<name>/`: the database `catalog.db`, with the tables beside it.
 *
 * @throws SluiceError `config-invalid`
 */
export function findCatalog(
  { catalogs, environment }: Pick<Settings, 'catalogs' | 'environment'>,
  name: string,
): CatalogConfig {
  const known = catalogs.value ?? {}
  const catalog = Object.hasOwn(known, name) ? known[name] : undefined
  if (catalog !== undefined) return catalog
  if (environment.value === 'local') {
    const directory = resolve('dist', 'local_output', name)
    return { type: 'sql', uri: `file:${directory}/catalog.db`, warehouse: directory }
  }
  const names = Object.keys(known)
  const hint = names.length === 0 ? 'no catalog is configured' : unknownName('catalog', name, names)
  const fix = `Add \`catalogs: { ${name}: { type: 'rest', uri: '…' } }\` to sluice.config.ts.`
  throw new SluiceError('config-invalid', `The catalog ${name} is not known in ${environment.value}: ${hint}. ${fix}`)
}
