import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Job } from '../lifecycle/job.ts'
import { previewJob } from '../lifecycle/preview.ts'
import { runJob } from '../lifecycle/run.ts'
import { writeIceberg } from '../sinks/iceberg.ts'
import type { Where, WhereTest } from '../storage/iceberg/condition.ts'
import { scanTable } from '../storage/iceberg/plan-scan.ts'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { readIceberg } from './iceberg.ts'
import { readRows } from './rows.ts'
import { loadToCsv } from './testing/parquet-to-csv.ts'

describe('readIceberg with where', () => {
  it('gives exactly the rows that pass, and accounts for the others', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(5), row(9)] })
    await scene.run('two', { rows: [row(6, 'US'), row(20)] })
    const where = { id: { gt: 1n, lte: 9 }, region: 'EU' }
    const extract = readIceberg(scene.table, { catalog: scene.catalog, columns: ['id'], where })
    const { output, error, events } = await loadToCsv({ extract })
    assert.equal(error, undefined)
    assert.equal(output, 'id\n5\n9\n')
    const counts = events.flatMap((event) => (event.type === 'SplitStaged' ? event.counts[0] : []))
    assert.deepEqual(
      counts.map((count) => [count?.in, count?.filtered, count?.out]),
      [
        [3, 1, 2],
        [2, 2, 0],
      ],
    )
  })

  it('opens no file whose partition or bounds say that no row passes', async () => {
    using scene = new TableScene()
    const partitionBy = ['region', 'day(ts)']
    await scene.run('one', {
      mode: 'create',
      partitionBy,
      rows: [row(1), row(2, 'US'), row(3, 'EU', '2026-05-05T00:00:00Z')],
    })
    await scene.run('two', { rows: [row(100), row(200, 'US')] })
    const cases: readonly (readonly [Where, string])[] = [
      [{ region: 'US', id: { lt: 50 } }, '2'],
      [{ ts: { gte: '2026-05-01T00:00:00Z' } }, '3'],
      [{ region: 'EU', id: { in: [1, 100] }, ts: { lt: new Date('2026-03-01') } }, '1,100'],
    ]
    const { files } = await scanTable(scene.table, { catalog: scene.catalog })
    for (const [where, ids] of cases) {
      const kept = await scanTable(scene.table, { catalog: scene.catalog, where })
      assert.equal(kept.files.length, ids.split(',').length)
      const extract = readIceberg(scene.table, { catalog: scene.catalog, columns: ['id'], where })
      // The others cannot be opened any more.
      using _ = spoiled(files.map(({ path }) => path).filter((path) => !kept.files.some((file) => file.path === path)))
      const { output, error } = await loadToCsv({ extract })
      assert.equal(error, undefined)
      assert.equal(output, `id\n${ids.replaceAll(',', '\n')}\n`)
    }
  })

  it('finds the same rows as looking at all of them', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        TABLE,
        fc.array(WHERE, { minLength: 8, maxLength: 8 }),
        async ({ runs, partitionBy }, wheres) => {
          using scene = new TableScene()
          await fill(scene, runs, partitionBy)
          const rows = runs.flat()
          for (const where of wheres) {
            const expected = rows.filter((one) => passes(one, where)).map(({ key }) => key)
            assert.deepEqual(await keysOf(scene, where), expected.sort(), JSON.stringify(where, String))
          }
        },
      ),
      { numRuns: 12 },
    )
  })
})

/** Files that nobody can read for a while. */
function spoiled(paths: readonly string[]): Disposable {
  const files = paths.map((path) => fileURLToPath(path))
  const before = files.map((file) => readFileSync(file))
  for (const file of files) writeFileSync(file, 'spoiled')
  return {
    [Symbol.dispose]: () => {
      for (const [index, file] of files.entries()) writeFileSync(file, before[index] as Buffer)
    },
  }
}

/** Undefined stands for null: what is compared are plain values of JavaScript, as they came. */
interface Sample {
  readonly key: string
  readonly n: bigint | null
  readonly x: number | null
  readonly s: string | null
  readonly d: string | null
  readonly b: boolean | null
}

const N = fc.oneof(fc.bigInt(-5n, 5n), fc.constantFrom(2n ** 62n, -(2n ** 63n)))
const X = fc.constantFrom(-1.5, -0, 0, 0.25, 7, 1e300)
const S = fc.constantFrom('', 'a', 'ab', 'b', 'z'.repeat(20), `${'z'.repeat(20)}a`, '\uFFFD', '😀', '😀b')
const D = fc.constantFrom('1969-12-31', '1970-01-01', '2024-02-29', '2026-01-02', '2026-01-03')
const B = fc.boolean()
const VALUES = { n: N, x: X, s: S, d: D, b: B }

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 5 })
const SAMPLE = fc.record({ n: maybe(N), x: maybe(X), s: maybe(S), d: maybe(D), b: maybe(B) })

const TABLE = fc
  .record({
    runs: fc.array(fc.array(SAMPLE, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
    partitionBy: fc.constantFrom(
      ...[[], ['n'], ['bucket(3, n)', 'b'], ['truncate(1, s)'], ['month(d)', 'truncate(4, n)'], ['s']],
    ),
  })
  .map(({ runs, partitionBy }) => ({
    partitionBy,
    runs: runs.map((rows, run) => rows.map((one, index): Sample => ({ key: `${run}-${index}`, ...one }))),
  }))

function testOf(values: fc.Arbitrary<string | number | bigint | boolean>): fc.Arbitrary<WhereTest> {
  const range = fc.record({ gt: values, gte: values, lt: values, lte: values }, { requiredKeys: [] })
  return fc.oneof(values, fc.constant(null), fc.record({ in: fc.array(values, { maxLength: 3 }) }), range)
}

const WHERE: fc.Arbitrary<Where> = fc
  .subarray(Object.keys(VALUES) as (keyof typeof VALUES)[], { minLength: 1, maxLength: 2 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, testOf(VALUES[name])]))))

/** What `where` promises, in the words of its documentation. */
function passes(one: Sample, where: Where): boolean {
  return Object.entries(where).every(([name, test]) => {
    const value = one[name as keyof Sample]
    if (test === null || value === null) return test === value
    if (typeof test !== 'object') return order(value, test) === 0
    const { gt, gte, lt, lte, in: among } = test as Readonly<Record<string, never>>
    return (
      (gt === undefined || order(value, gt) > 0) &&
      (gte === undefined || order(value, gte) >= 0) &&
      (lt === undefined || order(value, lt) < 0) &&
      (lte === undefined || order(value, lte) <= 0) &&
      (among === undefined || (among as unknown[]).some((other) => order(value, other) === 0))
    )
  })
}

function order(a: unknown, b: unknown): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}

const TYPES = { key: 'string', n: 'int64', x: 'float64', s: 'string', d: 'date', b: 'boolean' } as const

async function fill(scene: TableScene, runs: readonly (readonly Sample[])[], partitionBy: readonly string[]) {
  const { catalog } = scene
  for (const [index, rows] of runs.entries()) {
    const mode = index === 0 ? ({ mode: 'create', partitionBy } as const) : {}
    const job = {
      name: 'fill',
      extract: readRows(rows as never),
      transform: (all: RowStream) => all.cast(TYPES as never),
      load: writeIceberg(scene.table, { catalog, ...mode }),
    }
    await runJob(job as unknown as Job, { state: `${scene.directory}/state` })
  }
}

async function keysOf(scene: TableScene, where: Where): Promise<readonly unknown[]> {
  const extract = readIceberg(scene.table, { catalog: scene.catalog, columns: ['key'], where })
  const { rows, rejected } = await previewJob(
    { name: 'look', extract, load: writeIceberg(scene.table) } as unknown as Job,
    { rows: 1000 },
  )
  assert.equal(rejected, 0)
  return rows.map(([key]) => key).sort()
}
