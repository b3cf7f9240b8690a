import type { Preview } from '../../lifecycle/preview.ts'
import { type Cell, formatCell } from '../../records/column.ts'
import { visible } from './format.ts'
import { paint } from './paint.ts'
import { columnWidths, fitted, table } from './table.ts'

/** How null looks: unlike an empty text and unlike the text `null`. */
const NULL = '∅'
const WIDEST = 40

/** The rows as an aligned table. Wide cells are cut, so that a row stays a line. */
export function previewTable({ columns, rows }: Preview, stream: NodeJS.WriteStream): string {
  const head = columns.map((name) => fitted(visible(name), WIDEST))
  const body = rows.map((cells) => cells.map((cell) => shown(cell)))
  const widths = columnWidths([head, ...body])
  const [title = '', ...lines] = table([head, ...body], widths)
  const nulls = rows.map((cells) => cells.includes(null))
  return [
    paint('bold', title, stream),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...lines.map((line, row) => (nulls[row] ? line.replaceAll(NULL, paint('dim', NULL, stream)) : line)),
    '',
  ].join('\n')
}

function shown(cell: Cell): string {
  return cell === null ? NULL : fitted(visible(formatCell(cell)), WIDEST)
}
