import type { CatalogConfig } from '../../config/catalog-config.ts'
import { problemsOf } from '../../config/check-catalogs.ts'
import type { OptionCheck } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'

/** What the option `catalog` may be. */
export const CATALOG: OptionCheck = {
  wanted: 'the name of a catalog, or { type: "sql", uri: … } or { type: "rest", uri: … }',
  accepts: (value) => (typeof value === 'string' ? value !== '' : typeof value === 'object' && value !== null),
}

/** Throws `job-invalid` with all that is wrong with it. */
export function checkCatalog(where: string, catalog: string | CatalogConfig | undefined): void {
  if (typeof catalog !== 'object') return
  const problems = problemsOf('catalog', catalog)
  if (problems.length > 0) throw new SluiceError('job-invalid', `${where}: ${problems.join('; ')}.`)
}
