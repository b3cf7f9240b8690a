import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { RecordDigest } from './answers/record-digest.ts'
import { DATA, SEED } from './places.ts'
import { allRejectedShape, referenceShape } from './shapes/reference.ts'
import type { Fault, Shape } from './shapes/shape.ts'
import { wideShape } from './shapes/wide.ts'

export type ShapeName = 'reference' | 'all-rejected' | 'wide'

/** A generated input and what the reference job must make of it. */
export interface DataSet {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly rejected: number
  readonly faults: Partial<Record<Fault, number>>
  /** The digest of the records that must come out, header included (see `RecordDigest`). */
  readonly expectedDigest: string
}

/** Makes the file unless it lies there already; it is a function of shape, rows and seed. Streams: any size, same memory. */
export function makeData(name: ShapeName, rows: number, seed: number = SEED): DataSet {
  const base = `${DATA}/${name}-${rows}-${seed}-v${VERSION}`
  const facts = `${base}.json`
  if (existsSync(facts)) return { ...JSON.parse(readFileSync(facts, 'utf8')), path: `${base}.csv` }
  mkdirSync(DATA, { recursive: true })
  const made = writeShape(SHAPES[name](seed), rows, `${base}.csv`)
  // The facts appear last and at once: a broken-off run leaves a file that nobody takes for complete.
  writeFileSync(`${facts}.new`, JSON.stringify(made))
  renameSync(`${facts}.new`, facts)
  return { ...made, path: `${base}.csv` }
}

function writeShape(shape: Shape, rows: number, path: string): Omit<DataSet, 'path'> {
  const file = openSync(path, 'w')
  const header = shape.columns.join(',')
  const digest = new RecordDigest()
  const faults: Partial<Record<Fault, number>> = {}
  let [bytes, rejected] = [0, 0]
  let input: string[] = [header]
  let expected: string[] = [header]
  const flush = () => {
    const block = Buffer.from(input.join(shape.lineEnd) + shape.lineEnd)
    for (let at = 0; at < block.length; ) at += writeSync(file, block, at)
    bytes += block.length
    if (expected.length > 0) digest.push(Buffer.from(`${expected.join('\n')}\n`))
    input = []
    expected = []
  }
  for (let row = 0; row < rows; row++) {
    const { text, expected: cleaned, fault } = shape.row(row)
    input.push(text)
    if (cleaned !== null) expected.push(cleaned)
    if (fault !== null) {
      rejected++
      faults[fault] = (faults[fault] ?? 0) + 1
    }
    if (input.length === BLOCK_ROWS) flush()
  }
  if (input.length > 0) flush()
  closeSync(file)
  return { rows, bytes, rejected, faults, expectedDigest: digest.end() }
}

const SHAPES: Readonly<Record<ShapeName, (seed: number) => Shape>> = {
  reference: referenceShape,
  'all-rejected': allRejectedShape,
  wide: wideShape,
}
/** Counted up when a shape changes, so that no cached file of the old kind is taken. */
const VERSION = 1
const BLOCK_ROWS = 8192

if (import.meta.main) {
  const [name = 'reference', rows = '1000000'] = process.argv.slice(2)
  if (!(name in SHAPES)) throw new Error(`no shape named ${name}: use ${Object.keys(SHAPES).join(', ')}`)
  process.stdout.write(`${JSON.stringify(makeData(name as ShapeName, Number(rows)))}\n`)
}
