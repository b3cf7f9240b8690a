/**
 * Runs the query that `node sql-run.ts '{…}'` names with the built library, as a run of a process of its own, and prints
 * what came of it.
 */
const {
  library = '../../../build/index.js',
  input,
  query,
  options,
  target,
  state,
} = JSON.parse(process.argv[2] as string)
const { readParquet, runJob, sql, writeParquet } = (await import(
  new URL(library, import.meta.url).href
)) as typeof import('../../index.ts')

try {
  const report = await runJob(
    {
      name: 'gold',
      extract: readParquet(input),
      transform: (rows) => rows.pipe(sql(query, options)),
      load: writeParquet(target),
    },
    { state },
  )
  const { status, rows } = report
  process.stdout.write(JSON.stringify({ status, rows, peak: process.resourceUsage().maxRSS * 1024 }))
} catch (error) {
  const { code, message } = error as { code?: string; message?: string }
  process.stdout.write(JSON.stringify({ code, message }))
}
