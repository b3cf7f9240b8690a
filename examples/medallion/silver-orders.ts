import { addProcessingMetadata, defineJob, readCsv, writeIceberg } from 'sluice'

/** Bronze to silver: orders with their types, by month. */
export default defineJob({
  name: 'silver-orders',
  extract: readCsv('examples/medallion/bronze/orders.csv'),
  transform: (rows) =>
    rows
      .cast({ order_id: 'int64', customer_id: 'int64', ordered_at: 'timestamptz', amount: 'decimal(10,2)' })
      .pipe(addProcessingMetadata()),
  validate: {
    requiredColumns: ['order_id', 'customer_id', 'ordered_at', 'amount', 'status'],
    uniqueColumns: ['order_id'],
  },
  onInvalid: 'quarantine',
  load: writeIceberg('lake.silver.orders', { mode: 'createOrReplace', partitionBy: ['month(ordered_at)'] }),
})
