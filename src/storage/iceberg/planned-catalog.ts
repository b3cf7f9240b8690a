import type { CatalogAuth, CatalogConfig } from '../../config/catalog-config.ts'
import { fromEnv, Secret, type SecretSource } from '../../config/secret.ts'
import type { Catalog } from './catalog.ts'
import { configuredCatalog } from './catalog-settings.ts'
import { absoluteSql, openSqlCatalog } from './sql-catalog.ts'

/** A catalog as a journal holds it: of secrets only the variables that they come from. */
export interface PlannedCatalog {
  readonly name: string
  readonly config: CatalogConfig
  /** By the name of the option. */
  readonly variables: Readonly<Record<string, string>>
  /** Some secrets come from no variable: whoever finishes the run must have the catalog in its configuration. */
  readonly hidden: boolean
}

export function planCatalog(name: string, config: CatalogConfig): PlannedCatalog {
  if (config.type === 'sql') return { name, config: absoluteSql(config), variables: {}, hidden: false }
  if (config.auth === undefined) return { name, config, variables: {}, hidden: false }
  const secrets = Object.entries(config.auth).filter(([option]) => SECRETS.has(option))
  const variables = secrets.flatMap(([option, source]) => {
    const variable = (source as unknown) instanceof Secret ? (source as unknown as Secret).variable : undefined
    return variable === undefined ? [] : [[option, variable] as const]
  })
  const shown = Object.entries(config.auth).filter(([option]) => !SECRETS.has(option))
  const auth = Object.fromEntries(shown) as unknown as CatalogAuth
  return {
    name,
    config: { ...config, auth },
    variables: Object.fromEntries(variables),
    hidden: variables.length < secrets.length,
  }
}

/** The catalog again. Throws `secret-unavailable` at its first request when a secret is known to nobody here. */
export async function openPlanned(planned: PlannedCatalog): Promise<Catalog> {
  return await openCatalog(planned.name, revived(planned))
}

export async function openCatalog(name: string, config: CatalogConfig): Promise<Catalog> {
  if (config.type === 'sql') return openSqlCatalog(name, config)
  const { openRestCatalog } = await import('./rest/rest-catalog.ts')
  return await openRestCatalog(name, config)
}

function revived({ name, config, variables, hidden }: PlannedCatalog): CatalogConfig {
  if (config.type === 'sql' || config.auth === undefined) return config
  const own = hidden ? configuredAuth(name) : undefined
  if (own !== undefined) return { ...config, auth: own }
  const secret = (option: string): SecretSource => {
    const variable = variables[option]
    if (variable !== undefined) return fromEnv(variable)
    return new Secret(`${option} of the catalog ${name}, which is not configured here,`, () => undefined)
  }
  const known = [...SECRETS].map((option) => [option, secret(option)])
  return { ...config, auth: { ...Object.fromEntries(known), ...config.auth } as CatalogAuth }
}

function configuredAuth(name: string): CatalogAuth | undefined {
  try {
    const config = configuredCatalog(name)
    return config.type === 'rest' ? config.auth : undefined
  } catch {
    // Not configured here: the secret itself will say so.
    return undefined
  }
}

const SECRETS: ReadonlySet<string> = new Set(['token', 'clientId', 'clientSecret'])
