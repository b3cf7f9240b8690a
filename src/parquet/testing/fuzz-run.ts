/**
 * Reads damaged copies of a file in a process of its own: `node fuzz-run.ts '{"path":…,"seed":…,"runs":…}'` spoils it, reads
 * it, and prints what came of it. Whatever is wrong must be said by a SluiceError.
 */
import { readFileSync } from 'node:fs'
import { SluiceError } from '../../errors.ts'
import { BatchPool } from '../../records/batch-pool.ts'
import { readFooter } from '../read-footer.ts'
import { RowGroupReader } from '../read-row-group.ts'

const { path, seed, runs } = JSON.parse(process.argv[2] as string)
const whole = readFileSync(path)
const memory = await new BatchPool().acquire()
const told = { read: 0, refused: 0, strange: [] as string[], slowest: 0 }
let state = seed >>> 0

for (let run = 0; run < runs; run++) {
  const before = state
  const bytes = spoil(Uint8Array.from(whole))
  const start = performance.now()
  try {
    await readAll(bytes)
    told.read++
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'source-failed' && error.message.includes('spoilt'))
      told.refused++
    else told.strange.push(`${before}: ${(error as Error).stack}`)
  }
  told.slowest = Math.max(told.slowest, performance.now() - start)
}
process.stdout.write(JSON.stringify({ ...told, peak: process.resourceUsage().maxRSS * 1024 }))

async function readAll(bytes: Uint8Array): Promise<void> {
  const slice = async (start: number, end: number) => Uint8Array.from(bytes.subarray(start, end))
  const file = { name: 'spoilt', bytes: bytes.length, slice }
  const footer = await readFooter(file)
  const names = footer.fields.filter(({ form }) => form !== undefined).map(({ name }) => name)
  for (const index of footer.rowGroups.keys()) {
    const reader = new RowGroupReader(file, footer, index, names)
    while (reader.left > 0 && names.length > 0) {
      const { columns } = await reader.next(memory, { rows: 1024, bytes: 1 << 20 })
      for (const column of columns) column.values()
      memory.reset()
    }
  }
}

/** A few bits flipped, mostly where all depends on them: in the footer; or cut off, or with bytes in the middle gone. */
function spoil(bytes: Uint8Array): Uint8Array {
  const kind = random(10)
  if (kind === 0) return bytes.subarray(0, random(bytes.length))
  if (kind === 1) {
    const at = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(100))])
  }
  const length = Buffer.from(bytes.buffer, bytes.length - 8, 4).readUInt32LE()
  const from = kind < 6 ? bytes.length - 8 - length : 4
  for (let flips = 1 + random(3); flips > 0; flips--) {
    const at = from + random(bytes.length - from)
    bytes[at] = (bytes[at] as number) ^ (1 << random(8))
  }
  return bytes
}

/** mulberry32, so that a seed gives the same again. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below
}
