/**
 * Takes the secrets of a pull out of texts that servers sent, in each of the forms that a server may have echoed. Holds
 * the latest ones only: a long pull has many tokens, and the old ones are worth nothing.
 */
export class Redactor {
  readonly #secrets = new Set<string>()

  add(secret: string): void {
    if (secret === '') return
    this.#secrets.delete(secret)
    this.#secrets.add(secret)
    if (this.#secrets.size > KEPT) this.#secrets.delete(this.#secrets.values().next().value as string)
  }

  redact(text: string): string {
    let safe = text
    for (const secret of this.#secrets) for (const form of formsOf(secret)) safe = safe.replaceAll(form, '***')
    return safe
  }
}

function formsOf(secret: string): ReadonlySet<string> {
  const json = JSON.stringify(secret).slice(1, -1)
  const base64 = Buffer.from(secret).toString('base64')
  return new Set([
    secret,
    json,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    base64,
  ])
}

const KEPT = 64
