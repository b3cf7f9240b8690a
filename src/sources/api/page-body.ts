import type { HttpResponse } from './http-client.ts'
import { HttpFault } from './http-fault.ts'
import { findJsonFault, parseJson } from './json-text.ts'

/** The JSON of a page; undefined for one without a body. Throws HttpFault, which never quotes the body. */
export function parsePage({ status, headers, body }: HttpResponse, anyContentType: boolean): unknown {
  if (status === 204 || (body.length === 0 && status === 205)) return undefined
  if (!anyContentType) checkType(headers['content-type'])
  const text = decode(body)
  try {
    return parseJson(text)
  } catch {
    throw jsonFault(text)
  }
}

/** A type that is not well known is not told: whatever a server says may be an echo. */
function checkType(field = 'application/json'): void {
  const type = (field.split(';', 1)[0] as string).trim().toLowerCase()
  if (/[/+]json$/.test(type)) return
  const told = /^(text|application)\/(html|plain|csv|xml|xhtml\+xml|javascript|pdf|octet-stream)$/.test(type)
  const page = 'Is this the address of the API, and no page for people?'
  const fix = `${page} If it is JSON all the same, set \`anyContentType: true\`.`
  throw new HttpFault(`is ${told ? type : 'something else'}, not JSON. ${fix}`)
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new HttpFault('is not UTF-8, as JSON must be. Ask whoever runs the API.')
  }
}

/** An answer without a length may be cut and look whole: then it is worth another try. */
function jsonFault(text: string): HttpFault {
  const { position, cut } = findJsonFault(text) ?? { position: 0, cut: false }
  const before = text.slice(0, position).split('\n')
  const place = `position ${position} (line ${before.length}, column ${(before.at(-1) as string).length + 1})`
  if (cut) return new HttpFault(`sent JSON that ends too early, at ${place}`, { retryable: true })
  return new HttpFault(`sent what is no JSON from ${place} on. Ask for it with curl to see what is there.`)
}
