import { extname } from 'node:path'
import type { Job } from '../../../lifecycle/job.ts'
import { type Preview, previewJob } from '../../../lifecycle/preview.ts'
import { type Cell, formatCell } from '../../../records/column.ts'
import { discardRows } from '../../../sinks/discard.ts'
import { commandSettings, type SettingFlags } from '../command-settings.ts'
import type { CsvFlags } from '../csv-flags.ts'
import { fileSource } from '../file-source.ts'
import { parseParams, wholeNumber } from '../flags.ts'
import { counted } from '../format.ts'
import { JOB_EXTENSIONS, loadJob } from '../load-job.ts'
import { previewTable } from '../preview-table.ts'
import { print } from '../print.ts'
import { tableSource } from '../table-source.ts'

interface PreviewFlags extends CsvFlags, SettingFlags {
  readonly param: readonly string[]
  readonly rows: string
  readonly json?: boolean
}

/** `sluice preview <job.ts|file|table>` */
export async function preview(
  path: string,
  flags: PreviewFlags,
  jobArguments: Readonly<Record<string, string>>,
): Promise<number> {
  const rows = wholeNumber('--rows', flags.rows, 1)
  const params = { ...jobArguments, ...parseParams(flags.param) }
  const job = JOB_EXTENSIONS.includes(extname(path)) ? (await loadJob(path)).job : fileJob(path, flags)
  const { environment, file } = await commandSettings(flags)
  const config = file === undefined ? {} : { config: file }
  const shown = await previewJob(job, { rows, environment: environment.value, ...config, params })
  await print(flags.json ? jsonLines(shown) : previewTable(shown, process.stdout))
  if (shown.rejected > 0) {
    process.stderr.write(
      `${counted(shown.rejected, 'faulty row')} among those read: sluice check says what is wrong.\n`,
    )
  }
  return 0
}

function fileJob(path: string, flags: CsvFlags): Job {
  const extract = tableSource(path, flags) ?? fileSource(path, flags)
  return { name: 'preview', extract, load: discardRows() }
}

function jsonLines({ columns, rows }: Preview): string {
  return rows
    .map((cells) => `${JSON.stringify(Object.fromEntries(cells.map((cell, i) => [columns[i], jsonCell(cell)])))}\n`)
    .join('')
}

function jsonCell(cell: Cell): Cell {
  return typeof cell === 'bigint' || cell instanceof Uint8Array ? formatCell(cell) : cell
}
