import { SluiceError } from '../../errors.ts'
import { safeUrl } from './safe-url.ts'

/** An address of a job. Throws `job-invalid` for what is none, and where secrets would go over the network in clear. */
export function checkedUrl(
  value: string | URL,
  option: string,
  { allowHttp, secrets }: { readonly allowHttp: boolean; readonly secrets: boolean },
): URL {
  const url = URL.parse(String(value))
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalid(option, 'must be an address that begins with https:// or http://')
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(option, 'must not hold a user or a password; use `auth: basicAuth({ user, password })`')
  }
  if (url.protocol === 'http:' && secrets && !allowHttp && !isLoopback(url)) {
    const fix = 'use https://, or set `allowHttp: true` if the network in between is yours'
    throw invalid(option, `would send secrets in clear to ${safeUrl(url)}; ${fix}`)
  }
  url.hash = ''
  return url
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

function invalid(option: string, text: string): SluiceError {
  return new SluiceError('job-invalid', `${option} ${text}.`, { context: { option } })
}
