import { SluiceError } from '../errors.ts'

/** How a job names a secret: the value, `fromEnv('NAME')`, or a function that fetches it when it is needed. */
export type SecretSource = string | Secret | (() => string | Promise<string>)

/**
 * A value that nobody can write down by accident: it has no text, no JSON and no properties. A template or a `+` throws,
 * since whatever came out of it would be wrong.
 */
export class Secret {
  readonly #name: string
  readonly #provide: () => unknown
  readonly #variable: string | undefined

  constructor(name: string, provide: () => string | undefined | Promise<string>, variable?: string) {
    this.#name = name
    this.#provide = provide
    this.#variable = variable
  }

  /** The environment variable that it comes from: another process can find it there. */
  get variable(): string | undefined {
    return this.#variable
  }

  /** Throws `secret-unavailable`. What a provider threw is left out: it may hold the very secret. */
  async reveal(): Promise<string> {
    const value = await this.#ask()
    if (typeof value === 'string' && value !== '') return value
    const what = value === '' ? 'is empty' : 'is not there'
    throw new SluiceError('secret-unavailable', `The secret ${this.#name} ${what}. Set it, or check its name.`)
  }

  toJSON(): string {
    return '***'
  }

  toString(): never {
    throw new TypeError(`The secret ${this.#name} has no text. Pass it as it is, for instance to bearer(…).`)
  }

  [Symbol.toPrimitive](): never {
    return this.toString()
  }

  async #ask(): Promise<unknown> {
    try {
      return await this.#provide()
    } catch (error) {
      const kind = error instanceof Error ? error.constructor.name : typeof error
      const text = `The function that provides the secret ${this.#name} threw ${kind}. Its message is left out, for it may hold the secret.`
      throw new SluiceError('secret-unavailable', text)
    }
  }
}

/** A secret out of an environment variable, which is read when the secret is needed and not before. */
export function fromEnv(name: string): Secret {
  if (typeof name !== 'string' || name === '') throw new SluiceError('job-invalid', 'fromEnv: the name is missing.')
  return new Secret(`in the environment variable ${name}`, () => process.env[name], name)
}

/** The secret that a job named, with the option's name for messages. Throws `job-invalid`. */
export function secretOf(source: SecretSource, option: string): Secret {
  if (source instanceof Secret) return source
  if (typeof source === 'function') return new Secret(option, source)
  if (typeof source === 'string' && source !== '') return new Secret(option, () => source)
  const text = `${option} must be a text, fromEnv('NAME') or a function that returns a text.`
  throw new SluiceError('job-invalid', text, { context: { option } })
}
