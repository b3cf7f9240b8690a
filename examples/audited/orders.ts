import { defineJob, publishBranch, readCsv, readIceberg, rowRule, runJob, sql, writeCsv, writeIceberg } from 'sluice'

const table = 'lake.silver.orders'
const branch = 'audit'

/** Write: each row is judged, and all of them go to a branch that nobody reads. */
const write = defineJob({
  name: 'orders',
  extract: readCsv('orders.csv'),
  transform: (rows) => rows.cast({ order_id: 'int64', amount: 'decimal(10,2)' }),
  validate: { requiredColumns: ['order_id', 'amount'], uniqueColumns: ['order_id'] },
  load: writeIceberg(table, { mode: 'overwrite', branch }),
})

/** Audit: what no row can tell. The branch is read as any table is, here beside what is published. */
const audit = defineJob({
  name: 'orders-audit',
  extract: readIceberg(table, { branch }),
  transform: (rows) =>
    rows.pipe(
      sql<{ fresh: bigint; known: bigint }>(
        'select count(*) as fresh, (select count(*) from published) as known from input',
        { inputs: { published: readIceberg(table) } },
      ),
    ),
  validate: {
    rules: [
      rowRule<{ fresh: bigint; known: bigint }>(({ fresh, known }) => fresh * 2n >= known, { name: 'not_halved' }),
    ],
  },
  load: writeCsv('dist/local_output/orders-audit.csv'),
})

// Whichever fails throws, and main stays as it is.
await runJob(write)
await runJob(audit)
await publishBranch(table, branch)
