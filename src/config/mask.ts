const SECRET = new RegExp(
  [
    'secret|passwd|pwd|passphrase|password|(?<![a-z])pass(?![a-z])|credential|token|bearer|cookie|signature|dsn',
    '(?:api|private|access)_?key|conn\\w*str',
    // But for authors.
    'auth(?!ors?(?![a-z]))',
  ].join('|'),
  'i',
)

/** What stands before the last `@` of a URL, if it has a password. Rather a part of a path than none of a password. */
const CREDENTIALS = /:\/\/([^\s:/@]*):\S*@/g

/** The same record with secrets hidden, for logs, audit and reports: by their name, and passwords in URLs anywhere. */
export function maskSecrets(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, masked(key, value)]))
}

function masked(key: string, value: string): string {
  return SECRET.test(key) ? '***' : value.replace(CREDENTIALS, '://$1:***@')
}
