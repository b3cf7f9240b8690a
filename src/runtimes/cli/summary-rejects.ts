import type { RunReport } from '../../lifecycle/report.ts'
import { counted, visible } from './format.ts'
import { paint } from './paint.ts'
import { type Sample, SHOWN, sampleText } from './summary-rules.ts'

/** What no rule rejected: by code, with the first rows. A run of an older version knows nothing of it. */
export function rejectLines(
  { rejects = [] }: RunReport,
  stream: NodeJS.WriteStream,
): readonly (readonly [string, string])[] {
  return rejects.flatMap(({ code, rows, samples }, index) => {
    const shown = samples.slice(0, SHOWN) as unknown as readonly Sample[]
    const more = rows - shown.length
    return [
      [index === 0 ? 'rejected' : '', `${paint('red', '✗', stream)} ${visible(code)}: ${counted(rows, 'row')}`],
      ...shown.map((sample) => ['', `    ${sampleText(inColumn(sample))}`] as const),
      ...(more > 0 ? [['', `    … and ${counted(more, 'row')} more`] as const] : []),
    ] as const
  })
}

/** Rules name their column in what they say; others may not know it. */
function inColumn(sample: Sample): Sample {
  const { column, message } = sample
  return column === undefined || message.includes(`"${column}"`)
    ? sample
    : { ...sample, message: `"${column}": ${message}` }
}
