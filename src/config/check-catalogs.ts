import { type OptionCheck, oneOf, TEXT, unknownName } from './check-options.ts'
import { isSecretName } from './mask.ts'
import { Secret } from './secret.ts'

type Checks = Readonly<Record<string, OptionCheck>>

/** All that is wrong with the catalogs of a configuration, each with the way to the key. No value is shown: it may be a secret. */
export function catalogProblems(where: string, catalogs: unknown): readonly string[] {
  if (!isObject(catalogs)) return [`${where} must be an object, by name`]
  return Object.entries(catalogs).flatMap(([name, catalog]) => {
    if (!NAME.test(name)) return [`${where}: a name is letters, digits, "_" and "-", not "${name}"`]
    return problemsOf(`${where}.${name}`, catalog)
  })
}

/** The same of one catalog. */
export function problemsOf(where: string, catalog: unknown): readonly string[] {
  if (!isObject(catalog)) return [`${where} must be an object`]
  const { type, auth } = catalog
  if (type === 'sql') return problems(where, catalog, SQL, ['uri'])
  if (type !== 'rest') return [`${where}.type must be "sql" or "rest"`]
  return [
    ...problems(where, catalog, REST, ['uri']),
    ...(auth === undefined ? [] : authProblems(`${where}.auth`, auth)),
  ]
}

function authProblems(where: string, auth: unknown): readonly string[] {
  if (!isObject(auth)) return [`${where} must be an object`]
  const kind = AUTHS[String(auth['type'])]
  if (kind === undefined) return [`${where}.type must be "bearer", "oauth2" or "sigv4"`]
  return problems(where, auth, kind.checks, kind.needed)
}

function problems(
  where: string,
  given: Readonly<Record<string, unknown>>,
  checks: Checks,
  needed: readonly string[],
): readonly string[] {
  const missing = needed.filter((name) => given[name] === undefined).map((name) => `${where}.${name} is missing`)
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) return [`${where}: ${unknownName('key', name, Object.keys(checks))}`]
    return value === undefined || check.accepts(value) ? [] : [`${where}.${name} must be ${check.wanted}`]
  })
  return [...missing, ...wrong]
}

const NAME = /^[\w-]+$/

const URL_CHECK: OptionCheck = {
  wanted: 'a URL such as https://catalog.example.com, without a password and a query',
  accepts: (value) => {
    if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value)) return false
    const { username, password, search } = new URL(value)
    return username === '' && password === '' && search === ''
  },
}

const SECRET_CHECK: OptionCheck = {
  wanted: "a text, fromEnv('NAME') or a function that returns a text",
  accepts: (value) =>
    value instanceof Secret || typeof value === 'function' || (typeof value === 'string' && value !== ''),
}

const SQL: Checks = {
  type: TEXT,
  uri: {
    wanted: 'the address of a SQLite file, such as file:lake/catalog.db',
    accepts: (value) => typeof value === 'string' && /^(file|sqlite):.+/.test(value),
  },
  warehouse: TEXT,
}

const REST: Checks = {
  type: TEXT,
  uri: URL_CHECK,
  warehouse: TEXT,
  prefix: TEXT,
  location: TEXT,
  headers: {
    wanted: 'an object of texts without secrets, which belong to `auth`',
    accepts: (value) =>
      isObject(value) && Object.entries(value).every(([name, text]) => typeof text === 'string' && !isSecretName(name)),
  },
  auth: { wanted: 'an object', accepts: isObject },
  credentials: oneOf('vended', 'own'),
}

const AUTHS: Readonly<Record<string, { readonly checks: Checks; readonly needed: readonly string[] }>> = {
  bearer: { checks: { type: TEXT, token: SECRET_CHECK }, needed: ['token'] },
  oauth2: {
    checks: { type: TEXT, tokenUrl: URL_CHECK, clientId: SECRET_CHECK, clientSecret: SECRET_CHECK, scope: TEXT },
    needed: ['clientId', 'clientSecret'],
  },
  sigv4: {
    checks: { type: TEXT, service: oneOf('glue', 's3tables', 'execute-api'), region: TEXT },
    needed: ['service'],
  },
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
