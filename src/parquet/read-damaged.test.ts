import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SluiceError } from '../errors.ts'
import { BatchPool } from '../records/batch-pool.ts'
import { readFooter } from './read-footer.ts'
import { readRowGroup } from './read-row-group.ts'
import { duck } from './testing/duck.ts'
import { folder, inMemory } from './testing/files.ts'

const RUN = fileURLToPath(new URL('./testing/fuzz-run.ts', import.meta.url))
const SEED = Number(process.env['SLUICE_SEED'] ?? Date.now() % 1_000_000)
const QUERY = `select i, (i * 7919 - 5)::int as i32, case when i % 3 = 0 then null else 'x' || (i % 10) end as few,
  md5(i::varchar) as many, i % 2 = 0 as b, case when i % 5 = 0 then null else i / 7 end as d, (i * 1.25)::decimal(9, 2) as d9,
  i::decimal(38, 9) as d38, md5(i::varchar)::blob as bytes, [i] as list, timestamp '2020-01-01' + interval (i) second as ts,
  date '2020-01-01' as day from range(3000) r(i)`
const memory = await new BatchPool().acquire()
const dir = folder()

async function write(name: string, options: string): Promise<string> {
  const path = `${dir}/${name}.parquet`
  await duck(`copy (${QUERY}) to '${path}' (format parquet, row_group_size 2048, ${options})`)
  return path
}

describe('damaged Parquet files', () => {
  for (const options of [
    'compression uncompressed',
    'compression snappy',
    'compression zstd, parquet_version v2',
    'compression lz4_raw, parquet_version v2',
    'compression gzip',
  ]) {
    it(`neither crash nor hang the process: ${options}`, async () => {
      const path = await write(options.replaceAll(/\W/g, '-'), options)
      const words = ['--no-warnings', '--max-old-space-size=256', RUN, JSON.stringify({ path, seed: SEED, runs: 150 })]
      const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 120_000 })
      const { read, refused, strange, slowest, peak } = JSON.parse(stdout)
      assert.deepEqual(strange, [], `seed ${SEED}`)
      assert.equal(read + refused, 150)
      assert.ok(refused > 20, `${refused} were refused`)
      assert.ok(slowest < 10_000, `one took ${slowest} ms`)
      assert.ok(peak < 700e6, `${peak} bytes`)
    })
  }

  it('are refused wherever they are cut off', async () => {
    const bytes = readFileSync(await write('cut', 'compression zstd'))
    for (let end = 0; end < bytes.length; end += 97) {
      await assert.rejects(readFooter(inMemory(bytes.subarray(0, end))), (error) => {
        return (
          error instanceof SluiceError && error.code === 'source-failed' && error.message.includes('memory.parquet')
        )
      })
    }
  })

  it('name the column where the damage is', async () => {
    const bytes = Uint8Array.from(readFileSync(await write('column', 'compression gzip')))
    const { fields, rowGroups } = await readFooter(inMemory(bytes))
    const many = fields.find(({ name }) => name === 'many')?.leaf as number
    const { start = 0, end = 0 } = rowGroups[1]?.chunks[many] ?? {}
    bytes.fill(0x5a, (start + end) >> 1, ((start + end) >> 1) + 8)
    const file = inMemory(bytes)
    const footer = await readFooter(file)
    await readRowGroup(file, footer, 0, ['i', 'many'], memory)
    await readRowGroup(file, footer, 1, ['i'], memory)
    const message = /^Cannot read memory\.parquet: column "many" is damaged: .*\. Write the file again\.$/
    await assert.rejects(readRowGroup(file, footer, 1, ['i', 'many'], memory), { code: 'source-failed', message })
  })

  it('are refused where a column is encrypted, and only there', async () => {
    const file = inMemory(readFileSync(await write('encrypted', 'compression zstd')))
    const footer = await readFooter(file)
    const rowGroups = footer.rowGroups.map((group) => {
      return { ...group, chunks: group.chunks.map((chunk, leaf) => ({ ...chunk, encrypted: leaf === 1 })) }
    })
    await readRowGroup(file, { ...footer, rowGroups }, 0, ['i'], memory)
    await assert.rejects(readRowGroup(file, { ...footer, rowGroups }, 0, ['i', 'i32'], memory), {
      code: 'source-failed',
      message: 'Cannot read memory.parquet: column "i32" is encrypted. Write it without encryption.',
    })
  })
})
