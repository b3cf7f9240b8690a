import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { SluiceError } from '../errors.ts'
import type { Shape } from '../records/shape.ts'
import { readCsv } from '../sources/csv.ts'
import { readRows } from '../sources/rows.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { IcebergScene } from './testing/iceberg-scene.ts'

const DAY = 86_400_000

function made(count: number, first = 0): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, row) => {
    const id = first + row
    const region = ['EU', 'US', null][id % 3]
    return { id: BigInt(id), region, at: new Date(1.7e12 + id * DAY), amount: id / 4, flag: id % 2 === 0 }
  })
}

function typed(rows: RowStream): RowStream {
  return rows.cast({ id: 'int64', amount: 'decimal(9,2)' })
}

describe('rows that are written to an Iceberg table', () => {
  it('are those that came, in columns of their types', async () => {
    using scene = new IcebergScene()
    const report = await scene.run({ extract: readRows(made(1000)) }, { mode: 'create' })
    assert.deepEqual([report.status, report.rows.loaded, report.outputs.length], ['committed', 1000, 1])
    const [file] = (await scene.scan()).files
    assert.equal(file?.records, 1000)
    const { schema } = await scene.scan()
    assert.deepEqual(
      schema.fields.map(({ id, name, type }) => `${id} ${name} ${type}`),
      ['1 id long', '2 region string', '3 at timestamptz', '4 amount double', '5 flag boolean'],
    )
    assert.deepEqual(await scene.query(`select count(*), sum(id)::bigint, count(region), sum(amount) from FILES`), [
      [1000n, 499_500n, 667n, 124_875],
    ])
  })

  it('are added, or take the place of all others', async () => {
    using scene = new IcebergScene()
    await scene.run({ extract: readRows(made(10)) }, { mode: 'create' })
    await scene.run({ extract: readRows(made(5, 10)) })
    const sum = () => scene.query('select count(*), sum(id)::bigint from FILES')
    assert.deepEqual(await sum(), [[15n, 105n]])
    await scene.run({ extract: readRows(made(3)) }, { mode: 'overwrite' })
    assert.deepEqual(await sum(), [[3n, 3n]])
    await scene.run({ extract: readRows([{ id: 'a' }]) }, { mode: 'createOrReplace', partitionBy: ['id'] })
    assert.deepEqual(await scene.query('select * from FILES'), [['a']])
  })

  it('lie in a file a partition, whatever the transform', async () => {
    const specs = [
      ['region'],
      ['day(at)', 'region'],
      ['month(at)'],
      ['year(at)', 'flag'],
      ['hour(at)'],
      ['bucket(7, id)'],
      ['truncate(10, id)', 'bucket(3, region)'],
    ]
    for (const partitionBy of specs) {
      using scene = new IcebergScene()
      await scene.run({ extract: readRows(made(120)) }, { mode: 'create', partitionBy })
      const all = await scene.query('select id, region, amount from FILES order by id')
      assert.deepEqual(
        all.map(([id]) => id),
        Array.from({ length: 120 }, (_, id) => BigInt(id)),
        `${partitionBy}`,
      )
      const { files } = await scene.scan()
      const folders = files.map(({ path }) => path.replace(/[^/]*$/, ''))
      assert.equal(new Set(folders).size, files.length, `${partitionBy}`)
    }
  })

  it('are divided in any order, of all inputs together, however many partitions there are', async () => {
    using scene = new IcebergScene()
    mkdirSync(join(scene.directory, 'in'))
    for (const part of [0, 1, 2]) {
      const lines = Array.from({ length: 3000 }, (_, row) => `${part * 3000 + row},${(row * 7919) % 200}\n`)
      writeFileSync(join(scene.directory, 'in', `${part}.csv`), `id,shop\n${lines.join('')}`)
    }
    for (const onInvalid of ['fail', 'quarantine'] as const) {
      const job = { extract: readCsv(`${scene.directory}/in/`), validate: { uniqueColumns: ['id'] }, onInvalid }
      await scene.run(job, { mode: 'createOrReplace', partitionBy: ['shop'] })
      const { files } = await scene.scan()
      // Those that were written at once, split by split, and those that waited.
      assert.ok(files.length >= 200 && files.length <= 200 + 3 * 64, `${files.length}`)
      assert.deepEqual(await scene.query('select count(*), count(distinct id) from FILES'), [[9000n, 9000n]])
      for (const shop of ['0', '123', '199']) {
        const one = await scene.scan({ where: { shop } })
        const rows = one.files.reduce((sum, { records }) => sum + records, 0)
        const found = await scene.query(`select count(*), min(shop), max(shop) from FILES`, { where: { shop } })
        assert.deepEqual(found, [[BigInt(rows), shop, shop]])
        assert.ok(one.files.every(({ path }) => path.includes(`/shop=${shop}/`)))
      }
    }
  })

  it('are told apart by partitions that look alike', async () => {
    using scene = new IcebergScene()
    const texts = ['', null, 'null', 'a'.repeat(400), '../x', '.', 'é/%2F']
    await scene.run(
      { extract: readRows(texts.map((text) => ({ text, id: 1 }))) },
      { mode: 'create', partitionBy: ['text'] },
    )
    const read = await scene.query('select text from FILES')
    assert.deepEqual(read.flat().map(String).sort(), texts.map(String).sort())
    assert.equal((await scene.scan()).files.length, texts.length)
    const numbers = [0, -0, Number.NaN, null, 1e300]
    const job = { extract: readRows(numbers.map((number) => ({ number, id: 1 }))) }
    await scene.run(job, { mode: 'createOrReplace', partitionBy: ['number'] })
    assert.equal((await scene.scan()).files.length, numbers.length)
  })

  it('are found by filters on partitions and bounds', async () => {
    using scene = new IcebergScene()
    await scene.run({ extract: readRows(made(300)) }, { mode: 'create', partitionBy: ['region'] })
    const scan = await scene.scan({ where: { region: 'EU' } })
    assert.deepEqual([scan.files.length, scan.skipped], [1, 2])
    const none = await scene.scan({ where: { id: { gt: 299n } } })
    assert.equal(none.files.length, 0)
  })

  it('of CSV are cast as the job says, without the rows that only the judge rejects', async () => {
    using scene = new IcebergScene()
    mkdirSync(join(scene.directory, 'in'))
    for (const part of [0, 1]) {
      const lines = Array.from({ length: 500 }, (_, row) => {
        const id = part * 500 + (row % 5 === 4 ? row - 1 : row)
        return `${id},r${id % 4},${id}.25\n`
      })
      writeFileSync(join(scene.directory, 'in', `${part}.csv`), `id,region,amount\n${lines.join('')}`)
    }
    for (const partitionBy of [[], ['region']]) {
      const job = {
        extract: readCsv(`${scene.directory}/in/`),
        transform: typed,
        validate: { uniqueColumns: ['id'] },
        onInvalid: 'quarantine' as const,
      }
      const report = await scene.run(job, { mode: 'createOrReplace', partitionBy })
      assert.deepEqual([report.rows.loaded, report.rows.rejected], [800, 200])
      const rows = await scene.query('select count(*), count(distinct id), sum(amount)::varchar from FILES')
      const ids = Array.from({ length: 1000 }, (_, id) => id).filter((id) => id % 5 < 4)
      const sum = ids.reduce((total, id) => total + id + 0.25, 0)
      assert.deepEqual(rows, [[800n, 800n, sum.toFixed(2)]])
    }
  })

  it('are none where the table requires what is null', async () => {
    using scene = new IcebergScene()
    const path = join(scene.directory, 'in.csv')
    writeFileSync(path, 'id,region\n1,EU\n')
    const schema = z.object({ id: z.int(), region: z.string() })
    await scene.run({ extract: readCsv(path, { schema }) }, { mode: 'create' })
    const { fields } = (await scene.scan()).schema
    assert.deepEqual(
      fields.map(({ required }) => required),
      [true, true],
    )
    await scene.run({ extract: readRows([{ id: 2, region: 'US' }]) })
    const before = scene.files()
    const rows = [
      { id: 3, region: 'EU' },
      { id: 4, region: null },
    ]
    await assert.rejects(scene.run({ extract: readRows(rows) }), {
      message: /The column region of lake\.silver\.customers is null, and the table requires it, in record 2\./,
    })
    assert.deepEqual(scene.files(), before)
  })

  it('are widened to the types of the table, and refused where those do not fit', async () => {
    using scene = new IcebergScene()
    const rows = (transform: Parameters<RowStream['cast']>[0], ...values: readonly Shape[]) =>
      ({ extract: readRows(values), transform: (stream: RowStream) => stream.cast(transform) }) as never
    await scene.run(rows({ id: 'int64', sum: 'decimal(20,2)' }, { id: '1', sum: '1.5' }), { mode: 'create' })
    await scene.run(rows({ id: 'int32', sum: 'decimal(5,2)' }, { id: '2', sum: '2.5' }))
    const all = await scene.query('select id, sum::varchar from FILES order by id')
    assert.deepEqual(all, [
      [1n, '1.50'],
      [2n, '2.50'],
    ])
    const error = await scene.run(rows({ id: 'string' }, { id: 'x', sum: '1' })).catch((thrown: SluiceError) => thrown)
    assert.match(`${(error as SluiceError).message}`, /id is long in the table and string in the rows.*[Cc]ast/)
    const before = scene.files()
    await assert.rejects(scene.run({ extract: readRows([{ id: 1n }, { id: 'one' }]) }), {
      message: /The column id of lake\.silver\.customers has a value that is no int64, in record 2\. `cast` it/,
    })
    assert.deepEqual(scene.files(), before)
  })

  it('are refused where truncation makes a decimal of more digits than its column has', async () => {
    using scene = new IcebergScene()
    const rows = (type: 'decimal(2,0)' | 'decimal(4,0)', ...values: readonly string[]) =>
      ({
        extract: readRows(values.map((amount) => ({ amount }))),
        transform: (stream: RowStream) => stream.cast({ amount: type }),
        validate: { uniqueColumns: ['amount'] },
      }) as never
    const options = { mode: 'createOrReplace', partitionBy: ['truncate(1000, amount)'] } as const
    const message =
      /The column amount of lake\.silver\.customers has a value that truncate\[1000\] makes one of more digits than decimal\(2, 0\) has, in record 2\. `cast` the column to more digits, or partition by `bucket`\./
    for (const onInvalid of ['fail', 'quarantine'] as const) {
      const job = { ...(rows('decimal(2,0)', '99', '-99') as object), onInvalid } as never
      await assert.rejects(scene.run(job, options), { code: 'transform-failed', message })
      assert.deepEqual(scene.files(), [])
    }
    await scene.run(rows('decimal(4,0)', '99', '-99', '-9000'), options)
    assert.equal((await scene.scan()).files.length, 3)
    assert.deepEqual(await scene.query('select amount::varchar from FILES order by amount'), [
      ['-9000'],
      ['-99'],
      ['99'],
    ])
  })

  it('have text where all of the first are null, unless the job says a type', async () => {
    const values = Array.from({ length: 20_000 }, (_, id) => ({ id, seen: id < 19_000 ? null : new Date(0) }))
    using scene = new IcebergScene()
    await assert.rejects(scene.run({ extract: readRows(values) }, { mode: 'create' }), {
      code: 'transform-failed',
      message:
        "The column seen of lake.silver.customers was taken for text, as it is null in all of the first rows, and has timestamptz in record 19001. Say its type before: `cast({ seen: 'timestamptz' })`.",
    })
    assert.deepEqual(scene.files(), [])
    const transform = (stream: RowStream) => stream.cast({ seen: 'timestamptz' })
    await scene.run({ extract: readRows(values), transform } as never, { mode: 'create' })
    assert.deepEqual(await scene.query('select count(seen) from FILES'), [[1000n]])
    await scene.run({ extract: readRows([{ id: 1, note: null }]) })
    const { fields } = (await scene.scan()).schema
    assert.deepEqual(
      fields.map(({ type }) => type),
      ['double', 'timestamptz', 'string'],
    )
  })

  it('go without columns that the table lacks, when the job says so, and the report counts them', async () => {
    using scene = new IcebergScene()
    await scene.run({ extract: readRows([{ id: 1 }]) }, { mode: 'create' })
    const job = {
      extract: readRows([
        { id: 2, extra: 'a', more: 'b' },
        { id: 3, extra: 'c', more: 'd' },
      ]),
    }
    await assert.rejects(scene.run(job, { schemaPolicy: 'freeze' }), { message: /the table has no column extra/ })
    const report = await scene.run(job, { schemaPolicy: 'discard_columns' })
    assert.deepEqual(report.discardedColumns, [
      { column: 'extra', rows: 2 },
      { column: 'more', rows: 2 },
    ])
    assert.deepEqual(await scene.query('select * from FILES order by id'), [[1], [2], [3]])
    await scene.run(job)
    assert.deepEqual(await scene.query('select id, extra, more from FILES where extra is not null order by id'), [
      [2, 'a', 'b'],
      [3, 'c', 'd'],
    ])
  })

  it('never become null on their way through scratch', async () => {
    using scene = new IcebergScene()
    const far = { extract: readRows([{ id: '1', at: new Date(8.64e15) }]), validate: { uniqueColumns: ['id'] } }
    await assert.rejects(scene.run({ ...far, onInvalid: 'quarantine' }, { mode: 'create', partitionBy: ['id'] }), {
      code: 'transform-failed',
      message: /The column at: .*Reject such rows/,
    })
    assert.deepEqual(scene.files(), [])
  })
})
