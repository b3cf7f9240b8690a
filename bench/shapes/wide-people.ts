import type { RowRandom } from './row-random.ts'

export const FIRST_NAMES = ['Ana', 'Zoë', 'José', 'Søren', 'Grace', 'Łucja', 'Wei', 'Noël', 'Maria', 'Karim'] as const
export const LAST_NAMES = ['Müller', 'García', 'Smith', 'Nuñez', 'Lefèvre', 'Kowalski', 'Jensen', 'Öztürk'] as const

/** The name as it stands in an e-mail address: lower-case ASCII. */
export function asciiName(name: string): string {
  return ASCII.get(name) ?? name.toLowerCase()
}

/** Mixed case in half of the rows; around some, spaces: also the UTF-8 ones that spreadsheets and web forms leave. */
export function spacedEmail(random: RowRandom, email: string): string {
  const typed = random.chance(50) ? email.charAt(0).toUpperCase() + email.slice(1) : email
  const draw = random.below(100)
  if (draw < 10) return random.pick(UTF8_SPACES) + typed + random.pick(UTF8_SPACES)
  return draw < 25 ? ` ${typed} ` : typed
}

/**
 * Addresses that fail the pattern however they are cleaned: none is one that trimming, lower-casing or encoding an
 * international domain would repair.
 */
export function badEmail(random: RowRandom, row: number): string {
  return random.pick(BAD_EMAILS)(row)
}

const BAD_EMAILS: readonly ((row: number) => string)[] = [
  (row) => `user${row}.example.com`,
  (row) => `user${row}@localhost`,
  (row) => `user ${row}@example.com`,
  (row) => `user${row}@@example.com`,
  (row) => `jürgen${row}@example.de`,
  (row) => `Łucja.${row}@München.example`,
]

/** No-break space, narrow no-break space, ideographic space. */
const UTF8_SPACES = ['\u00a0', '\u202f', '\u3000'] as const

const ASCII: ReadonlyMap<string, string> = new Map(
  [...FIRST_NAMES, ...LAST_NAMES].map((name) => [
    name,
    name
      .toLowerCase()
      .replaceAll('ł', 'l')
      .replaceAll('ø', 'o')
      .normalize('NFD')
      .replace(/[^a-z]/g, ''),
  ]),
)
