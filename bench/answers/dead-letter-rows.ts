import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** The numbers of the rejected rows, ascending, from a file of dead letters in JSON lines. None when there is no file. */
export async function deadLetterRows(path: string): Promise<number[]> {
  if (!existsSync(path)) return []
  const rows: number[] = []
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    const { row, kind } = JSON.parse(line)
    // A letter about a whole run names no row.
    if (kind !== 'run') rows.push(row)
  }
  return rows.sort((a, b) => a - b)
}
