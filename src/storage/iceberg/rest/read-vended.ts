import type { S3Settings } from '../../s3/s3-settings.ts'
import type { VendedStorage } from '../vended-storage.ts'

type Properties = Readonly<Record<string, unknown>>

/** Asks for credentials with a table. */
export const DELEGATION = { 'x-iceberg-access-delegation': 'vended-credentials' } as const

/**
 * What an answer with a table says of its storage: `storage-credentials`, each for a prefix, and `config` for whatever
 * none of these is for. `known` are the properties that hold for all tables.
 */
export function readVended(answer: unknown, known: Properties): readonly VendedStorage[] {
  const { config, 'storage-credentials': credentials } = (answer ?? {}) as {
    readonly config?: Properties | null
    readonly 'storage-credentials'?: readonly { readonly prefix?: string; readonly config?: Properties }[] | null
  }
  const common = { ...known, ...config }
  const all = (credentials ?? []).map(({ prefix = '', config: own = {} }) => {
    return storageOf(prefix.replace(/^s3[an]:/, 's3:'), { ...common, ...own }, KEY in own ? own : common)
  })
  return [storageOf('', common, common), ...all].filter(saysSomething)
}

function storageOf(prefix: string, properties: Properties, keys: Properties): VendedStorage {
  const settings = settingsOf(texts(properties))
  const text = texts(keys)
  const accessKeyId = text(KEY)
  const secretAccessKey = text('s3.secret-access-key')
  const sessionToken = text('s3.session-token')
  const expiresAt = Number(text('s3.session-token-expires-at-ms'))
  if (accessKeyId === undefined || secretAccessKey === undefined) return { prefix, settings }
  return {
    prefix,
    settings,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    ...(expiresAt > 0 ? { expiresAt } : {}),
  }
}

function settingsOf(text: (name: string) => string | undefined): S3Settings {
  const region = text('s3.region') ?? text('client.region')
  const endpoint = text('s3.endpoint')
  const pathStyle = text('s3.path-style-access')
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { pathStyle: pathStyle.toLowerCase() === 'true' }),
  }
}

function saysSomething({ settings, credentials }: VendedStorage): boolean {
  return credentials !== undefined || Object.keys(settings).length > 0
}

function texts(properties: Properties): (name: string) => string | undefined {
  return (name) => {
    const value = properties[name]
    return value === undefined || value === null || value === '' ? undefined : String(value)
  }
}

const KEY = 's3.access-key-id'
