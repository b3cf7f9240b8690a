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

  /** Shows a text as it came, unless it holds a secret in which letters are escaped: then with less of its escapes. */
  redact(text: string, depth: number = DEPTH): string {
    const safe = this.#hide(text)
    const plain = depth === 0 ? safe : unescaped(safe)
    if (plain === safe) return safe
    const deeper = this.redact(plain, depth - 1)
    return deeper === plain ? safe : deeper
  }

  #hide(text: string): string {
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

/** Without the escapes of JSON, addresses and HTML, of which a writer need not use the same for the same letter. */
function unescaped(text: string): string {
  return text.replace(ESCAPE, (whole, letter?: string, hex?: string, decimal?: string, name?: string) => {
    if (letter !== undefined) return letter
    if (name !== undefined) return NAMED[name.toLowerCase() as keyof typeof NAMED]
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex.replace(/[^\da-f]/gi, ''), 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

const NAMED = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }
const ESCAPE = /\\([/"\\])|(\\u[\da-f]{4}|%[\da-f]{2}|&#x[\da-f]{1,6};)|&#(\d{1,7});|&(amp|quot|lt|gt|apos);/gi
/** Text in a text in a text. */
const DEPTH = 3
const KEPT = 64
