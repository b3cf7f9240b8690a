import { addProcessingMetadata, cleanEmail, defineJob, readCsv, writeIceberg } from 'sluice'

/** Bronze to silver: customers as they are known, one row each. */
export default defineJob({
  name: 'silver-customers',
  extract: readCsv('examples/medallion/bronze/customers.csv'),
  transform: (rows) =>
    rows.cast({ customer_id: 'int64' }).withColumn('email', cleanEmail()).pipe(addProcessingMetadata()),
  validate: {
    requiredColumns: ['customer_id', 'name', 'country'],
    uniqueColumns: ['customer_id'],
    stringPatterns: { country: /^[A-Z]{2}$/ },
  },
  onInvalid: 'quarantine',
  load: writeIceberg('lake.silver.customers', { mode: 'createOrReplace' }),
})
