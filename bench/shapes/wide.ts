import { RowRandom } from './row-random.ts'
import type { Fault, Shape, ShapeRow } from './shape.ts'
import { usPhone } from './us-phone.ts'
import { WIDE_DETAILS, wideDetails } from './wide-details.ts'
import { asciiName, badEmail, FIRST_NAMES, LAST_NAMES, spacedEmail } from './wide-people.ts'

/**
 * 30 columns, CRLF, every second cell quoted, UTF-8 in the e-mail column, and every fifth row to be rejected:
 * for one of four faults in turn, so that the number of each is known beforehand.
 */
export function wideShape(seed: number): Shape {
  const random = new RowRandom(seed)
  return {
    name: 'wide',
    columns: ['customer_id', 'email', 'first_name', 'last_name', 'phone', ...WIDE_DETAILS],
    lineEnd: '\r\n',
    row: (row) => wideRow(random, row),
  }
}

function wideRow(random: RowRandom, row: number): ShapeRow {
  const fault = faultOf(row)
  const twin = earlierGoodRow(random, row)
  const { email, first, last } = person(random, fault === 'duplicate-email' ? twin : row)
  random.seek(row)
  const phone = random.chance(10) ? abroad(random) : usPhone(random)
  const required = [
    idOf(fault === 'duplicate-id' ? twin : row),
    fault === 'bad-email' ? badEmail(random, row) : spacedEmail(random, email),
    first,
    last,
  ]
  if (fault === 'missing') required[random.below(required.length)] = ''
  const details = wideDetails(random)
  return {
    text: record([...required, phone.typed, ...details]),
    expected: fault === null ? record([required[0]!, email, first, last, phone.e164, ...details]) : null,
    fault,
  }
}

function faultOf(row: number): Fault | null {
  return row % REJECT_EVERY === REJECT_EVERY - 1 ? FAULTS[Math.floor(row / REJECT_EVERY) % FAULTS.length]! : null
}

/** Only rows that pass all row rules hold keys, so a planted duplicate must repeat a good row. */
function earlierGoodRow(random: RowRandom, row: number): number {
  random.seek(row)
  const group = random.below(Math.floor(row / REJECT_EVERY) + 1)
  return Math.min(group * REJECT_EVERY + random.below(REJECT_EVERY - 1), Math.max(0, row - 1))
}

function idOf(row: number): string {
  return `C${String(row).padStart(8, '0')}`
}

/** What a duplicate repeats: a function of the row alone, whatever is drawn around it. */
function person(random: RowRandom, row: number): { first: string; last: string; email: string } {
  random.seek(row)
  const first = random.pick(FIRST_NAMES)
  const last = random.pick(LAST_NAMES)
  return { first, last, email: `${asciiName(first)}.${asciiName(last)}+${row}@mail${random.below(50)}.example.com` }
}

function abroad(random: RowRandom): { readonly typed: string; readonly e164: string } {
  const line = random.digits(4)
  return { typed: `+44 20 7946 ${line}`, e164: `+44207946${line}` }
}

/** The cells in odd places are quoted, those in even places are not. */
function record(cells: readonly string[]): string {
  let text = cells[0]!
  for (let column = 1; column < cells.length; column++) {
    text += column % 2 === 1 ? `,"${cells[column]}"` : `,${cells[column]}`
  }
  return text
}

const REJECT_EVERY = 5
const FAULTS: readonly Fault[] = ['missing', 'bad-email', 'duplicate-id', 'duplicate-email']
