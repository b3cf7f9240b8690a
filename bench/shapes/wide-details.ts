import type { RowRandom } from './row-random.ts'

/** The 25 columns that the job does not look at, in the order in which `wideDetails` makes them. */
export const WIDE_DETAILS: readonly string[] = [
  ...['address', 'country', 'city', 'postcode', 'amount', 'currency', 'signup_date', 'last_seen', 'tier'],
  ...['points', 'opted_in', 'channel', 'note', 'sku', 'quantity', 'latitude', 'longitude', 'locale', 'ip'],
  ...['reference', 'campaign', 'segment', 'score', 'grade', 'batch'],
]

/** The first of these cells is quoted, the second is not, and so on: only quoted ones hold commas and quotes. */
export function wideDetails(random: RowRandom): string[] {
  const city = random.pick(CITIES)
  return [
    `${1 + random.below(9998)} ${random.pick(STREETS)}, Apt ${1 + random.below(99)}`,
    random.pick(COUNTRIES),
    city,
    random.digits(5),
    `${random.below(1000)}.${random.digits(2)}`,
    random.pick(CURRENCIES),
    `20${10 + random.below(16)}-0${1 + random.below(9)}-${10 + random.below(19)}`,
    `2026-0${1 + random.below(9)}-${10 + random.below(19)}T1${random.below(10)}:${10 + random.below(50)}:00Z`,
    random.pick(TIERS),
    String(random.below(100_000)),
    random.chance(50) ? 'true' : 'false',
    random.pick(CHANNELS),
    random.chance(30) ? `He said ""call ${city}"" on day ${random.below(31)}` : '',
    `SKU-${random.digits(6)}`,
    String(1 + random.below(20)),
    `${random.below(90)}.${random.digits(4)}`,
    `-${random.below(180)}.${random.digits(4)}`,
    random.pick(LOCALES),
    `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`,
    random.digits(9),
    `campaign ${random.below(40)}, wave ${random.below(5)}`,
    random.pick(SEGMENTS),
    String(random.below(100)),
    random.pick(GRADES),
    `batch-${random.below(1000)}`,
  ]
}

const CITIES = ['Zürich', 'Lisboa', 'São Paulo', 'Boston', 'Kraków', 'Austin', 'Denver', 'Málaga'] as const
const STREETS = ['Main St', 'Rue de l’Église', 'Königsallee', 'Oak Ave', 'Calle Ñuble'] as const
const COUNTRIES = ['US', 'DE', 'FR', 'BR', 'PL', 'GB'] as const
const CURRENCIES = ['USD', 'EUR', 'GBP'] as const
const TIERS = ['gold', 'silver', 'bronze', ''] as const
const CHANNELS = ['web', 'store', 'phone', 'partner'] as const
const LOCALES = ['en-US', 'de-DE', 'fr-FR', 'pt-BR'] as const
const SEGMENTS = ['', 'new', 'churned', 'returning'] as const
const GRADES = ['A', 'B', 'C', 'D'] as const
