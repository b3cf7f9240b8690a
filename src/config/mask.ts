const SECRET = /secret|password|passwd|token|credential|api_?key|private_?key|access_?key/i

/** What people call secrets in addresses and header fields, where names are shorter than those of parameters. */
const SECRET_FIELD =
  /secret|passw|token|credential|cookie|session|signature|authorization|(api|access|private)[_-]?key|(^|[^a-z])(key|auth|sig|code|pwd|pin|sid|jwt)($|[^a-z])/i

/** The same record with the values of secrets hidden, for logs, audit and reports. */
export function maskSecrets(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, SECRET.test(key) ? '***' : value]))
}

/** Whether a parameter of a query or a header field is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_FIELD.test(name)
}
