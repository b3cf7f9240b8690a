import { cleanEmail, defineJob, readCsv, standardizePhone, writeCsv } from 'sluice'

/** The reference job: clean, check, load. Peers do the same by hand (`bench/peers`). */
export default defineJob({
  name: 'bench-reference',
  extract: ({ params }) => readCsv(params['input']!),
  transform: (rows) =>
    rows.withColumn('email', cleanEmail()).withColumn('phone', standardizePhone({ defaultCountry: 'US' })),
  validate: {
    requiredColumns: ['customer_id', 'email', 'first_name', 'last_name'],
    uniqueColumns: ['customer_id', 'email'],
    stringPatterns: { email: /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/ },
  },
  load: ({ params }) => writeCsv(params['output']!),
})
