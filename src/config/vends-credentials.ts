import type { CatalogConfig } from './catalog-config.ts'

/** Whether the catalog is asked for credentials to the files of its tables. */
export function vendsCredentials(config: CatalogConfig): boolean {
  if (config.type === 'sql') return false
  // Who signs requests to a service of AWS has credentials, which reach the files as a rule.
  const { auth, credentials = auth?.type === 'sigv4' ? 'own' : 'vended' } = config
  return credentials === 'vended'
}
