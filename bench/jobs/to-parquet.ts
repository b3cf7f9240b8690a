import { defineJob, readCsv, writeParquet } from 'sluice'

/** CSV as it is, into Parquet. Peers do the same (`bench/peers/*-parquet.ts`). */
export default defineJob({
  name: 'bench-to-parquet',
  extract: ({ params }) => readCsv(params['input']!),
  load: ({ params }) => writeParquet(params['output']!),
})
