import { RowRandom } from './row-random.ts'
import type { Shape } from './shape.ts'
import { usPhone } from './us-phone.ts'

/** Customers of about 105 bytes, all of them valid: the shape that the headline figures are about. */
export function referenceShape(seed: number): Shape {
  return customers('reference', seed, (company) => `@Example${company}.com`)
}

/** The same customers, each with an e-mail address without a top-level domain, so that every row fails a rule. */
export function allRejectedShape(seed: number): Shape {
  const shape = customers('all-rejected', seed, (company) => `@Example${company}`)
  return { ...shape, row: (row) => ({ text: shape.row(row).text, expected: null, fault: 'bad-email' }) }
}

function customers(name: string, seed: number, domain: (company: number) => string): Shape {
  const random = new RowRandom(seed)
  return {
    name,
    columns: ['customer_id', 'email', 'first_name', 'last_name', 'phone', 'country', 'address', 'amount'],
    lineEnd: '\n',
    row(row) {
      random.seek(row)
      const id = String(row).padStart(7, '0')
      const first = random.pick(FIRST_NAMES)
      const last = random.pick(LAST_NAMES)
      const email = `${first}.${last}${row}${domain(random.below(50))}`
      const typed = random.chance(20) ? ` ${email} ` : email
      const phone = usPhone(random)
      const address = `"${1 + random.below(9998)} Main Street, Apt ${1 + random.below(9999)}"`
      const rest = `US,${address},${random.below(1000)}.${random.digits(2)}`
      return {
        text: `${id},${typed},${first},${last},${phone.typed},${rest}`,
        expected: `${id},${email.toLowerCase()},${first},${last},${phone.e164},${rest}`,
        fault: null,
      }
    },
  }
}

const FIRST_NAMES = ['Ann', 'Bob', 'Chloe', 'David', 'Eva', 'Frank', 'Grace', 'Henry', 'Ivy', 'Jack'] as const
const LAST_NAMES = ['Smith', 'Jones', 'Garcia', 'Miller', 'Davis', 'Lopez', 'Wilson', 'Moore'] as const
