import { defineJob, readCsv, writeCsv } from 'sluice'

/** The reference job with its transforms written by the user, on whole rows, as the hand-written pipeline has them. */
export default defineJob({
  name: 'bench-reference-map-rows',
  extract: ({ params }) => readCsv(params['input']!),
  transform: (rows) =>
    rows.mapRows((row) => ({ ...row, email: row['email']?.trim().toLowerCase() ?? null, phone: toE164(row['phone']) })),
  validate: {
    requiredColumns: ['customer_id', 'email', 'first_name', 'last_name'],
    uniqueColumns: ['customer_id', 'email'],
    stringPatterns: { email: /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/ },
  },
  load: ({ params }) => writeCsv(params['output']!),
})

function toE164(phone: string | null | undefined): string | null {
  if (!phone) return null
  const digits = phone.replace(/\D/g, '')
  if (phone.startsWith('+')) return `+${digits}`
  if (digits.length === 10) return `+1${digits}`
  if (digits.length === 11 && digits.startsWith('1')) return `+${digits}`
  throw new Error('malformed phone')
}
