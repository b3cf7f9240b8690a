/** Five rows: a good one, a bad e-mail, a duplicate of the first, an empty name, a good one. */
export const CUSTOMERS = `id,email,name
1,ann@example.com,Ann
2,nonsense,Bob
1,cid@example.com,"Cid, Jr"
4,dan@example.com,
5,eve@example.com,Eve
`

/** Good rows only. */
export const GOOD = 'id,email\n1,Ann@Example.com\n2,bob@example.com\n'

/** A job over `in.csv`, with whatever else it should have. */
export function jobText(more = ''): string {
  return `import { cleanEmail, defineJob, readCsv, writeCsv } from 'sluice'

export default defineJob({
  name: 'people',
  extract: readCsv('in.csv'),
  transform: (rows) => rows.withColumn('email', cleanEmail()),
  validate: { requiredColumns: ['id'] },
  load: writeCsv('out.csv'),
  ${more}
})
`
}
