/** Lines of cells that stand below one another. */
export function table(rows: readonly (readonly string[])[], widths: readonly number[] = columnWidths(rows)): string[] {
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] as number) - width(cell))))
      .join('  ')
      .trimEnd(),
  )
}

export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map((cells) => cells.length))
  return Array.from({ length: columns }, (_, column) => Math.max(1, ...rows.map((cells) => width(cells[column] ?? ''))))
}

/** The text, cut to a width. */
export function fitted(text: string, most: number): string {
  if (width(text) <= most) return text
  let used = 0
  let cut = ''
  for (const char of text) {
    used += charWidth(char)
    if (used > most - 1) break
    cut += char
  }
  return `${cut}…`
}

/** Columns of a terminal that the text takes. */
export function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let total = 0
  for (const char of text) total += charWidth(char)
  return total
}

function charWidth(char: string): number {
  if (/\p{M}|\p{Cf}/u.test(char)) return 0
  return WIDE.test(char) ? 2 : 1
}

/** Ideographs, kana, hangul, full-width forms and emoji take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
