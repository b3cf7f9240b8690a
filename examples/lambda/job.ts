import { basename } from 'node:path'
import { addProcessingMetadata, cleanEmail, defineJob, readCsv, standardizePhone, writeCsv } from 'sluice'

/** Cleans one file of customers, and keeps its name. */
export default defineJob({
  name: 'customer-files',
  requiredParams: ['source'],
  extract: ({ params: { source = '' } }) => readCsv(source),
  transform: (rows) =>
    rows
      .withColumn('email', cleanEmail())
      .withColumn('phone', standardizePhone({ defaultCountry: 'US' }))
      .pipe(addProcessingMetadata()),
  validate: { requiredColumns: ['customer_id', 'email'], uniqueColumns: ['customer_id'] },
  load: ({ target, params: { source = '' } }) => writeCsv(`${target('customers')}${basename(source)}`),
})
