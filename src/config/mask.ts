const SECRET = /secret|password|passwd|token|credential|api_?key|private_?key|access_?key/i

/** The same record with the values of secrets hidden, for logs, audit and reports. */
export function maskSecrets(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, SECRET.test(key) ? '***' : value]))
}
