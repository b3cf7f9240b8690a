import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Made rows whose fate is known: what a job makes of them can be said without running it. */
export interface RealInput {
  readonly files: readonly string[]
  /** What the job writes for each file, with a header. */
  readonly outputs: readonly string[]
  /** `source:row` of every record that is rejected, in the order of the dead letters. */
  readonly rejected: readonly string[]
  readonly records: number
}

const HEADER = 'id,name,email\n'

/**
 * Rows of one version. Every 50th has a bad e-mail (one that no transform
 * takes, or one that no rule does), every 70th the key of the row before it, every 90th a cell too
 * few, and the last row of each file but the first has the key of the very first row of all.
 */
export function realInput(directory: string, version: string, { files = 1, rows = 1500 } = {}): RealInput {
  mkdirSync(directory, { recursive: true })
  const made = Array.from({ length: files }, (_, file) => makeFile(directory, version, file, rows))
  return {
    files: made.map(({ path }) => path),
    outputs: made.map(({ output }) => output),
    rejected: made.flatMap(({ rejected }) => rejected),
    records: files * rows,
  }
}

function makeFile(directory: string, version: string, file: number, rows: number) {
  const path = join(directory, `in-${file}.csv`)
  const input = [HEADER]
  const output = [HEADER]
  const rejected: string[] = []
  for (let row = 1; row <= rows; row++) {
    const { text, good } = makeRow(version, file, row, rows)
    input.push(text)
    if (good === undefined) rejected.push(`${path}:${row}`)
    else output.push(good)
  }
  writeFileSync(path, input.join(''))
  return { path, output: output.join(''), rejected }
}

function makeRow(version: string, file: number, row: number, rows: number): { text: string; good?: string } {
  const id = `${version}-${file}-${row}`
  const name = `"Name, ${row}"`
  // The key of a row that passes everything, so it is this row that does not.
  if (row === rows && file > 0) return { text: `${version}-0-1,${name},a@b.org\n` }
  if (row % 90 === 0) return { text: `${id},${name}\n` }
  if (row % 100 === 0) return { text: `${id},${name},no mail\n` }
  if (row % 50 === 0) return { text: `${id},${name},under_score@example.org\n` }
  if (row % 70 === 3 && row > 70) return { text: `${version}-${file}-${row - 1},${name},a@b.org\n` }
  return { text: `${id},${name}, Mail${row}@Example.org \n`, good: `${id},${name},mail${row}@example.org\n` }
}
