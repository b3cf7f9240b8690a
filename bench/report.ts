import { BARS, verdict } from './bars.ts'
import { machine } from './measure/machine.ts'
import type { Spread } from './measure/stats.ts'
import type { Results } from './results.ts'
import { rowCosts } from './row-cost.ts'
import type { CaseResult, Measures } from './run-case.ts'

/** The results as the Markdown page that `docs/benchmarks.md` holds. */
export function report(results: Results): string {
  return [
    '# Benchmarks',
    'Written by `npm run bench`; do not edit. Every output was compared with the others, record for record.',
    table(['Measured', 'on'], machine()),
    '## Bars',
    bars(results),
    '## Whole processes',
    METHOD,
    ...results.cases.map(caseSection),
    ...costSection(results),
    ...scannerSection(results),
  ]
    .join('\n\n')
    .concat('\n')
}

/** Each bar beside what this run measured. */
function bars(results: Results): string {
  return table(
    ['Promise', 'Bar', 'Measured', 'Verdict'],
    BARS.map((bar) => {
      const value = bar.measure(results)
      const measured = value === undefined ? '–' : `${figure(value)} ${bar.unit}`
      return [bar.promise, `${bar.sense} ${bar.limit} ${bar.unit}`, measured, verdict(bar, value)]
    }),
  )
}

function caseSection({ name, data, runs, measures, problems }: CaseResult): string {
  const ours = measures.get('sluice')
  const rows = [...measures].map(([contender, measure]) => [
    contender,
    seconds(measure.seconds),
    range(measure.seconds),
    megabytes(measure.peakRss),
    megabytes(measure.peakAnonymous),
    againstOurs(measure, ours),
  ])
  const input = `${thousands(data.rows)} rows, ${figure(data.bytes / 1e6)} MB, ${thousands(data.rejected)} to be rejected`
  return [
    `### ${name}`,
    `${input}; ${runs} ${runs === 1 ? 'run' : 'runs'} each.`,
    table(['Program', 'Median s', 'Min–max s', 'Peak RSS MB', 'Anonymous MB', 'Median against sluice'], rows),
    ...problems.map((problem) => `**Wrong answer:** ${problem}`),
  ].join('\n\n')
}

function againstOurs({ seconds }: Measures, ours: Measures | undefined): string {
  return ours === undefined ? '–' : `${figure(seconds.median / ours.seconds.median)} ×`
}

function costSection(results: Results): string[] {
  const costs = rowCosts(results)
  if (costs.length === 0) return []
  const rows = costs.map(({ rows, nanoseconds, aboveNoise }) => [
    thousands(rows),
    `${figure(nanoseconds)} ns`,
    aboveNoise ? 'yes' : 'no: within the noise of starting a process',
  ])
  return ['## Cost of a row', COST_METHOD, table(['Rows', 'A row costs', 'Counts'], rows)]
}

function scannerSection({ scanner }: Results): string[] {
  if (scanner.length === 0) return []
  const rows = scanner.map((result) => [result.shape, thousands(result.rows), figure(result.median), range(result)])
  return ['## Scanner alone, one core', table(['Shape', 'Rows', 'Median MB/s', 'Min–max MB/s'], rows)]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function seconds({ median }: Spread): string {
  return median.toFixed(3)
}

function range({ min, max }: Spread): string {
  return `${figure(min)}–${figure(max)}`
}

/** The greatest of all runs: a bound on memory that one run breaks is broken. */
function megabytes({ max }: Spread): string {
  return (max / 1e6).toFixed(0)
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function thousands(value: number): string {
  return value.toLocaleString('en-US')
}

const METHOD = `Programs run in turns (A B C A B C …), each as a whole process, timed from start to exit; input in the
page cache, dirty pages written out before each run. Time and ratios are medians; the machine is shared, so trust
ratios over seconds.

Peak RSS is the greatest sum of VmRSS over the process and all its descendants, sampled every 10 ms, or the greatest
VmHWM of one process where that is more. Pages that two processes share count twice, so it is an upper bound.
Anonymous is the same sum of RssAnon, which leaves out program text and shared memory. Both are the greatest of all
runs, in units of 10⁶ bytes.

In the cases named S3, input and output lie on an S3 in a process of its own on the same machine, which is not measured
but takes its share of the processors. The plain copy moves the same bytes with the SDK alone: GetObject, and UploadPart
with parts of the same size.`

const COST_METHOD = `Median time at each size less the median time of the same job over one row, divided by the rows. The bar
compares the largest size with the size where a row costs least.`
