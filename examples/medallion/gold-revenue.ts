import { defineJob, readIceberg, sql, writeIceberg } from 'sluice'

/** Silver to gold: what each country paid in each month. */
export default defineJob({
  name: 'gold-revenue',
  extract: readIceberg('lake.silver.orders'),
  transform: (rows) =>
    rows
      .filter('status', (status) => status === 'paid')
      .pipe(
        sql<{ country: string; month: Date; orders: bigint; revenue: string }>(
          `select country, cast(date_trunc('month', ordered_at) as date) as month,
                  count(*) as orders, sum(amount) as revenue
           from input join customers using (customer_id)
           group by all`,
          { inputs: { customers: readIceberg('lake.silver.customers', { columns: ['customer_id', 'country'] }) } },
        ),
      ),
  validate: {
    requiredColumns: ['country', 'month', 'orders', 'revenue'],
    uniqueColumns: [['country', 'month']],
  },
  load: writeIceberg('lake.gold.revenue', { mode: 'createOrReplace' }),
})
