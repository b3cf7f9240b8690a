import { isSecretName } from '../../config/mask.ts'

/**
 * An address for messages. A link that a server made may carry anything, signed tokens too, so of the query only
 * short numbers are shown, which is what tells pages apart.
 */
export function safeUrl(url: URL): string {
  const shown = [...url.searchParams].map(([name, value]) => {
    const harmless = /^\d{1,9}$/.test(value) && !isSecretName(name)
    return `${encodeURIComponent(name)}=${harmless ? value : '***'}`
  })
  return `${url.origin}${url.pathname}${shown.length === 0 ? '' : `?${shown.join('&')}`}`
}

/** An address as the job wrote it, for the fingerprint: only what is named like a secret is hidden. */
export function describeUrl(url: URL): string {
  const copy = new URL(url)
  for (const name of new Set(copy.searchParams.keys())) if (isSecretName(name)) copy.searchParams.set(name, '***')
  return copy.href
}
