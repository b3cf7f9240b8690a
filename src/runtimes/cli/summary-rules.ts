import type { RunReport } from '../../lifecycle/report.ts'
import { clipped, counted, visible } from './format.ts'
import { paint } from './paint.ts'

type Rule = RunReport['rules'][number] & { readonly message?: string }

export interface Sample {
  readonly source: string
  readonly line: number
  readonly column?: string
  readonly value?: string
  readonly message: string
}

/** So many rows are shown of each reason. */
export const SHOWN = 3

/** How many rules passed, and those that did not, with their first rows. */
export function ruleLines({ rules }: RunReport, stream: NodeJS.WriteStream): readonly (readonly [string, string])[] {
  if (rules.length === 0) return []
  const bad = rules.filter((rule) => rule.failed > 0)
  const [failed, warned] = ['failed', 'warned'].map((word) => bad.filter((rule) => rule.status === word).length)
  const parts = [`${rules.length - (failed as number) - (warned as number)} passed`]
  if (failed) parts.push(paint('red', `${failed} failed`, stream))
  if (warned) parts.push(paint('yellow', `${warned} warned`, stream))
  return [['rules', parts.join(', ')], ...bad.flatMap((rule) => detailLines(rule, stream))]
}

function detailLines(rule: Rule, stream: NodeJS.WriteStream): readonly (readonly [string, string])[] {
  const { id, failed, evaluated, message, status } = rule
  const text = message ?? `${counted(failed, 'row')} of ${evaluated}`
  const mark = status === 'failed' ? paint('red', '✗', stream) : paint('yellow', '!', stream)
  const samples = rule.samples.slice(0, SHOWN) as unknown as readonly Sample[]
  const more = failed - samples.length
  return [
    ['', `${mark} ${id}: ${visible(text)}`],
    ...samples.map((sample) => ['', `    ${sampleText(sample)}`] as const),
    ...(samples.length > 0 && more > 0 ? [['', `    … and ${counted(more, 'row')} more`] as const] : []),
  ]
}

/** One rejected row, in a line. */
export function sampleText({ source, line, value, message }: Sample): string {
  const found = value === undefined ? '' : `  found ${JSON.stringify(clipped(visible(value), 60))}`
  return `${source === '-' ? 'stdin' : source}:${line}  ${visible(message)}${found}`
}
