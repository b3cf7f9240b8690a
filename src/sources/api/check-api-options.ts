import {
  aFunction,
  BOOLEAN,
  COLUMN_NAMES,
  checkOptions,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  TEXT,
  wholeNumber,
} from '../../config/check-options.ts'
import { isObjectSchema, type SchemaShape } from '../csv-schema.ts'
import type { ApiOptions } from './options.ts'
import type { RetryOptions } from './retry.ts'

export type ApiJobOptions = ApiOptions & { readonly schema?: SchemaShape }

/** What `readApi` gets must be options that it has, with values of the right kind. Throws `job-invalid`. */
export function checkApiOptions(options: ApiJobOptions): void {
  checkOptions<ApiJobOptions>('readApi', options, OPTIONS)
  if (options.retry !== undefined) checkOptions<RetryOptions>('readApi, retry', options.retry, RETRY)
  if (options.timeoutMs !== undefined) checkOptions<TimeoutOptions>('readApi, timeoutMs', options.timeoutMs, TIMEOUTS)
}

type TimeoutOptions = NonNullable<ApiOptions['timeoutMs']>

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const OBJECT: OptionCheck = { wanted: 'an object', accepts: isObject }
const MILLISECONDS: OptionCheck = {
  wanted: 'milliseconds',
  accepts: (value) => typeof value === 'number' && value >= 0,
}
const VALUE = /^(string|number|boolean)$/
/** What a header field can hold, by RFC 9110. */
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const NO_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/

const OPTIONS: OptionChecks<ApiJobOptions> = {
  url: { wanted: 'an address', accepts: (value) => typeof value === 'string' || value instanceof URL },
  query: {
    wanted: 'texts, numbers or booleans by name',
    accepts: (value) => isObject(value) && Object.values(value as object).every((one) => VALUE.test(typeof one)),
  },
  headers: {
    wanted: 'texts by the names of header fields; secrets go into `auth`',
    accepts: (value) => isObject(value) && Object.entries(value as object).every(isField),
  },
  auth: {
    wanted: 'such as bearer(…) or oauth2ClientCredentials({ … }), or an array of them',
    accepts: (value) => [value].flat().every((one) => typeof (one as { obtain?: unknown })?.obtain === 'function'),
  },
  paginate: {
    wanted: 'by link, cursor, offset or page, or a function',
    accepts: (value) => isObject(value) || typeof value === 'function',
  },
  rows: {
    wanted: "a path such as 'data.items', or a function",
    accepts: (value) => typeof value === 'string' || Array.isArray(value) || typeof value === 'function',
  },
  columns: COLUMN_NAMES,
  nested: oneOf('json', 'reject'),
  retry: OBJECT,
  rateLimit: {
    wanted: 'the requests per second, above 0',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  concurrency: wholeNumber(1, 64),
  timeoutMs: OBJECT,
  // Beyond this, a page is longer than a text can be.
  maxPageBytes: wholeNumber(1, 256 << 20),
  allowOrigins: { wanted: 'an array of addresses', accepts: Array.isArray },
  allowHttp: BOOLEAN,
  anyContentType: BOOLEAN,
  allowRepeatedPages: BOOLEAN,
  allowEmpty: BOOLEAN,
  name: TEXT,
  dispatcher: {
    wanted: 'a dispatcher of undici',
    accepts: (value) => aFunction('').accepts((value as { dispatch?: unknown })?.dispatch),
  },
  schema: { wanted: 'a zod object, such as z.object({ id: z.string() })', accepts: isObjectSchema },
}

const RETRY: OptionChecks<RetryOptions> = {
  attempts: wholeNumber(1, 1000),
  firstDelayMs: MILLISECONDS,
  maxDelayMs: MILLISECONDS,
  maxTimeMs: MILLISECONDS,
  statuses: {
    wanted: 'an array of HTTP statuses from 400 to 599',
    accepts: (value) => Array.isArray(value) && value.every((one) => wholeNumber(400, 599).accepts(one)),
  },
}

const TIMEOUTS: OptionChecks<TimeoutOptions> = {
  connect: wholeNumber(1, 1e9),
  response: wholeNumber(1, 1e9),
  idle: wholeNumber(1, 1e9),
}

function isField([name, value]: readonly [string, unknown]): boolean {
  return FIELD_NAME.test(name) && typeof value === 'string' && !NO_FIELD_VALUE.test(value)
}
