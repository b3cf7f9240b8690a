import { defineJob, readCsv, writeIceberg } from 'sluice'

/** CSV as it is, into a new table of a catalog in a file. Peers do the same (`bench/peers/pyiceberg-append.py`). */
export default defineJob({
  name: 'bench-to-table',
  extract: ({ params }) => readCsv(params['input']!),
  load: ({ params: { output, partition } }) =>
    writeIceberg('bench.people.rows', {
      mode: 'create',
      catalog: { type: 'sql', uri: `file:${output}/catalog.db` },
      ...(partition === undefined ? {} : { partitionBy: [partition] }),
    }),
})
