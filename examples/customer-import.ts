import { addProcessingMetadata, cleanEmail, defineJob, isNotNull, readCsv, standardizePhone, writeCsv } from 'sluice'

export default defineJob({
  name: 'customer-import',
  extract: ({ dataset }) => readCsv(dataset('customers')),
  transform: (rows) =>
    rows
      .withColumn('email', cleanEmail())
      .withColumn('phone', standardizePhone({ defaultCountry: 'US' }))
      .filter('email', isNotNull)
      .pipe(addProcessingMetadata()),
  validate: {
    requiredColumns: ['customer_id', 'email', 'first_name', 'last_name'],
    uniqueColumns: ['customer_id', 'email'],
    stringPatterns: { email: /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/ },
  },
  load: ({ target }) => writeCsv(target('customers')),
})
