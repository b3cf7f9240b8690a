import { relative } from 'node:path'
import type { RunReport } from '../../lifecycle/report.ts'
import { bytes, count, counted, duration } from './format.ts'
import { type Colour, paint } from './paint.ts'
import { rejectLines } from './summary-rejects.ts'
import { ruleLines } from './summary-rules.ts'

export interface SummaryOptions {
  readonly stream: NodeJS.WriteStream
  /** Milliseconds; absent for a run of the past. */
  readonly elapsed?: number
  /** Shown as the last fact, where no line of its own tells it. */
  readonly error?: string
}

const COLOURS: Readonly<Record<string, Colour>> = { committed: 'green', checked: 'green', in_doubt: 'yellow' }

/** What a run did, for people. */
export function summary(report: RunReport, options: SummaryOptions): string {
  const { stream, elapsed, error } = options
  const { status } = report
  const title = [
    paint('bold', report.job, stream),
    paint(COLOURS[status] ?? 'red', status.replace('_', ' '), stream),
    elapsed === undefined ? '' : `in ${duration(elapsed)}`,
  ]
  const facts = [
    ['run', [`${report.runId} (${report.environment})`, ...past(report, elapsed)].join('  ')],
    ...report.source.map((input) => ['source', sourceText(input)]),
    ...bookmarkText(report),
    ...(report.error !== null && report.rows.read === 0 ? [] : [['rows', rowText(report, elapsed)]]),
    ...ruleLines(report, stream),
    ...rejectLines(report, stream),
    ...report.outputs.map((output) => ['output', outputText(output)]),
    ...letterText(report),
    ...(error === undefined ? [] : [['error', paint('red', error, stream)]]),
  ] as readonly (readonly [string, string])[]
  const lines = facts.map(([name, text]) => `  ${paint('dim', name.padEnd(LABEL), stream)}${text}`.trimEnd())
  return `${title.filter((part) => part !== '').join('  ')}\n${lines.join('\n')}\n`
}

const LABEL = 14

/** A run of the past is not to be mistaken for this one. */
function past({ timings }: RunReport, elapsed: number | undefined): readonly string[] {
  return elapsed === undefined ? [`of ${timings['startedAt'] ?? 'an earlier time'}; nothing was done now`] : []
}

function sourceText({ source, bytes: size, records }: RunReport['source'][number]): string {
  const parts = [records == null ? '' : counted(records, 'record'), size == null ? '' : bytes(size)]
  return `${source === '-' ? 'stdin' : short(source)}  ${parts.filter((part) => part !== '').join(', ')}`.trimEnd()
}

/** A run that found nothing new says so. */
function bookmarkText({ bookmark }: RunReport): readonly (readonly [string, string])[] {
  if (bookmark?.last === undefined) return []
  const { source, last, position } = bookmark
  if (last === position) return [['bookmark', `${source}  nothing new since snapshot ${position}`]]
  return [['bookmark', `${source}  ${last === null ? 'all' : `from snapshot ${last}`} to snapshot ${position}`]]
}

function rowText({ rows }: RunReport, elapsed: number | undefined): string {
  const { read, produced, consumed, filtered, rejected, loaded } = rows
  const parts = [
    `${count(read)} read`,
    ...(produced > 0 ? [`${count(produced)} produced`] : []),
    ...(consumed > 0 ? [`${count(consumed)} consumed`] : []),
    `${count(filtered)} filtered`,
    `${count(rejected)} rejected`,
    `${count(loaded)} loaded`,
  ]
  const speed = elapsed === undefined || read === 0 ? '' : `  (${count((read / elapsed) * 1000)} rows/s)`
  return parts.join(', ') + speed
}

function outputText({ path, rows, bytes: size, sha256 }: RunReport['outputs'][number]): string {
  return `${path === '-' ? 'stdout' : short(path)}  ${counted(rows, 'row')}, ${bytes(size)}, sha256 ${sha256.slice(0, 12)}…`
}

function letterText({ deadLetters }: RunReport): readonly (readonly [string, string])[] {
  const { path, letters, delivered } = deadLetters
  if (path === null || letters === 0) return []
  const waiting = delivered === false ? '; not delivered yet: run `sluice recover`' : ''
  return [['dead letters', `${short(path)}  ${counted(letters, 'letter')}${waiting}`]]
}

function short(path: string): string {
  if (path.includes('://')) return path
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') ? path : near
}
