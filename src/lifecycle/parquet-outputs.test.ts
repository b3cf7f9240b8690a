import assert from 'node:assert/strict'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { Duck, readByHyparquet } from '../parquet/testing/readers.ts'
import type { Cell } from '../records/column.ts'
import { writeCsv } from '../sinks/csv.ts'
import { type WriteParquetOptions, writeParquet } from '../sinks/parquet.ts'
import { readCsv } from '../sources/csv.ts'
import { readRows } from '../sources/rows.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { withOrigin } from '../transforms/through.ts'
import { defineJob, type Job } from './job.ts'
import { runJob } from './run.ts'
import { type S3Scenes, startS3Scenes, strays } from './testing/s3-scene.ts'
import { leftovers, sandbox } from './testing/sandbox.ts'

const duck = new Duck()
after(() => duck[Symbol.dispose]())

const COLUMNS = 'id,v,text'
/** Every fifth identifier comes twice; some cells are escaped, some empty. */
const ROWS = Array.from({ length: 6000 }, (_, row) => {
  const id = row % 5 === 4 ? row - 1 : row
  return `${id},${row % 3 === 0 ? '' : `v${row % 7}`},"said ""${row}"", é"\n`
})

function inputs(directory: string, parts: number): string {
  mkdirSync(join(directory, 'in'))
  const size = ROWS.length / parts
  for (let part = 0; part < parts; part++) {
    writeFileSync(
      join(directory, 'in', `${part}.csv`),
      `${COLUMNS}\n${ROWS.slice(part * size, (part + 1) * size).join('')}`,
    )
  }
  return `${join(directory, 'in')}/`
}

const SMALL: WriteParquetOptions = { rowGroupRows: 200, fileBytes: 2000 }

/** The rows of Parquet files, and what CSV of the same job holds; and how often their order is wrong. */
async function compare(directory: string, job: Partial<Job> & Pick<Job, 'extract'>, out: string) {
  const common = { name: 'outputs', onInvalid: 'quarantine', ...job } as const
  const csv = join(directory, 'expected.csv')
  const state = join(directory, 'state')
  const expected = await runJob({ ...common, load: writeCsv(csv) }, { state })
  const target = join(directory, out)
  const report = await runJob({ ...common, load: writeParquet(target, SMALL) }, { state })
  const files = out.endsWith('/') ? `${target}*.parquet` : target
  const rows = await duck.queryFile(files, 'select * from FILE')
  const wanted = await duck.queryFile(csv, 'select * from read_csv(FILE, all_varchar = true, header = true)')
  assert.deepEqual(rows, wanted)
  assert.equal(report.rows.loaded, expected.rows.loaded)
  return { report, files: out.endsWith('/') ? globSync(`${target}*`).sort() : [target] }
}

const UNIQUE = { uniqueColumns: ['id'] } as const

describe('what is written as Parquet', () => {
  for (const parts of [1, 4]) {
    it(`is one file of ${parts} inputs, in their order`, async () => {
      using box = sandbox('parquet')
      const { files } = await compare(box.path, { extract: readCsv(inputs(box.path, parts)) }, 'out.parquet')
      const objects = await readByHyparquet(readFileSync(files[0]!))
      assert.equal(objects.length, 6000)
      assert.equal(objects[3]?.['text'], 'said "3", é')
      assert.deepEqual(leftovers(box.path), [])
    })

    it(`is files of a bounded size of ${parts} inputs`, async () => {
      using box = sandbox('parquet')
      const { report, files } = await compare(box.path, { extract: readCsv(inputs(box.path, parts)) }, 'out/')
      assert.ok(files.length > parts, `${files.length}`)
      assert.equal(report.outputs.length, files.length)
      for (const file of files) assert.ok((await readByHyparquet(readFileSync(file))).length > 0)
    })

    for (const out of ['out.parquet', 'out/']) {
      it(`lacks the rows that only the judge could reject, of ${parts} inputs: ${out}`, async () => {
        using box = sandbox('parquet')
        const extract = readCsv(inputs(box.path, parts))
        const { report } = await compare(box.path, { extract, validate: UNIQUE }, out)
        assert.equal(report.rows.loaded, 4800)
      })
    }
  }

  it('lacks all rows of a record that was expanded and rejected late, in another order as well', async () => {
    using box = sandbox('parquet')
    const extract = readCsv(inputs(box.path, 2))
    const transform = (rows: RowStream) => rows.through(twiceInReverse, { rows: 'expand' })
    await compare(box.path, { extract, transform, validate: UNIQUE }, 'out.parquet')
  })

  it('copies the bytes of row groups that lose no row', async () => {
    using box = sandbox('parquet')
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id: id === 4900 ? 4899 : id, v: `v${id}` }))
    const state = join(box.path, 'state')
    const load = (name: string) => writeParquet(join(box.path, name), { rowGroupRows: 1000, compression: 'none' })
    const job = { name: 'copies', extract: readRows(rows) }
    await runJob(defineJob({ ...job, load: load('all.parquet') }), { state })
    const cut = { ...job, validate: UNIQUE, onInvalid: 'quarantine', load: load('cut.parquet') } as const
    await runJob(defineJob(cut), { state })
    const [all, some] = ['all', 'cut'].map((name) => readFileSync(join(box.path, `${name}.parquet`)))
    const groups = await duck.queryFile(
      join(box.path, 'all.parquet'),
      'select min(file_offset), max(dictionary_page_offset), max(data_page_offset + total_compressed_size) from parquet_metadata(FILE) where row_group_id < 4',
    )
    const end = Number(groups[0]?.[2])
    assert.ok(end > 20_000)
    assert.deepEqual(some!.subarray(0, end), all!.subarray(0, end))
    const ids = await duck.queryFile(join(box.path, 'cut.parquet'), 'select count(*), count(distinct id) from FILE')
    assert.deepEqual(ids, [[4999n, 4999n]])
  })

  for (const out of ['out.parquet', 'out/']) {
    it(`is a file with columns and no rows, where there are none: ${out}`, async () => {
      using box = sandbox('parquet')
      writeFileSync(join(box.path, 'in.csv'), `${COLUMNS}\n`)
      const extract = readCsv(join(box.path, 'in.csv'), { allowEmpty: true })
      const target = join(box.path, out)
      await runJob(defineJob({ name: 'empty', extract, load: writeParquet(target) }), {
        state: join(box.path, 'state'),
      })
      const [path, ...more] = out.endsWith('/') ? globSync(`${target}*`) : [target]
      assert.deepEqual(more, [])
      const described = await duck.queryFile(
        path!,
        'select column_name, column_type from (describe select * from FILE)',
      )
      assert.deepEqual(
        described,
        COLUMNS.split(',').map((name) => [name, 'VARCHAR']),
      )
      assert.deepEqual(await readByHyparquet(readFileSync(path!)), [])
    })
  }

  it('leaves nothing behind when the run is rejected', async () => {
    using box = sandbox('parquet')
    for (const out of ['out.parquet', 'out/']) {
      const load = writeParquet(join(box.path, out), SMALL)
      const job = defineJob({ name: 'bad', extract: readCsv(inputsOnce(box.path)), validate: UNIQUE, load })
      await assert.rejects(runJob(job, { state: join(box.path, 'state') }), { code: 'validation-failed' })
      assert.ok(!existsSync(join(box.path, out)))
    }
    assert.deepEqual(leftovers(box.path), [])
  })

  it('is the same bytes for the same rows', async () => {
    using box = sandbox('parquet')
    const extract = () => readCsv(inputsOnce(box.path))
    const digests: unknown[] = []
    for (const name of ['a/', 'b/', 'c/']) {
      const load = writeParquet(join(box.path, name), SMALL)
      const report = await runJob(defineJob({ name: 'same', extract: extract(), load }), {
        state: join(box.path, 'state'),
      })
      digests.push(report.outputs.map(({ bytes, sha256 }) => [bytes, sha256]))
    }
    assert.deepEqual(digests[1], digests[0])
    assert.deepEqual(digests[2], digests[0])
  })

  it('publishes no file without rows whose types nobody knows, beside others', async () => {
    using box = sandbox('parquet')
    const input = inputs(box.path, 2)
    writeFileSync(join(input, '0.csv'), `${COLUMNS}\n`)
    const transform = (rows: RowStream) => rows.withColumn('n', ['id'], (id) => Number(id))
    const extract = readCsv(input, { allowEmpty: true })
    const load = writeParquet(join(box.path, 'out/'))
    await runJob({ name: 'none', extract, transform, load }, { state: join(box.path, 'state') })
    assert.deepEqual(
      globSync(`${join(box.path, 'out')}/*`).map((path) => path.slice(-18)),
      ['part-00001.parquet'],
    )
  })

  it('takes a column without values in one input for what it is in another, and refuses other types', async () => {
    using box = sandbox('parquet')
    const input = inputs(box.path, 3)
    const state = join(box.path, 'state')
    const play = (made: (id: number) => unknown, out = 'out.parquet') => {
      const load = writeParquet(join(box.path, out))
      const transform = (rows: RowStream) => rows.withColumn('n', ['id'], (id) => made(Number(id)) as Cell)
      return runJob({ name: 'types', extract: readCsv(input), transform, load }, { state })
    }
    await play((id) => (id < 2500 ? null : id / 2))
    const sums = await duck.queryFile(join(box.path, 'out.parquet'), 'select typeof(any_value(n)), count(n) from FILE')
    assert.deepEqual(sums, [['DOUBLE', 3500n]])
    await assert.rejects(
      play((id) => (id < 2500 ? BigInt(id) : id / 2)),
      {
        code: 'transform-failed',
        message: /The column n is int64, and has a float64.*`cast` it/,
      },
    )
    await assert.rejects(
      play((id) => (id < 2500 ? null : id / 2), 'out/'),
      { code: 'transform-failed', message: /n has no value in split 0 and is float64 in split 1.*`cast` it/ },
    )
    for (const out of ['out.parquet', 'out/']) {
      await assert.rejects(
        play((id) => (id < 2000 ? 'text' : id), out),
        { code: 'transform-failed', message: /n is string in split 0 and float64 in split 1.*`cast` it/ },
      )
    }
  })
})

/** Each row twice, and of seven rows the last one first. */
function twiceInReverse(): Transform {
  const held: object[] = []
  const give = (stream: Transform) => {
    for (const row of held.splice(0).reverse()) {
      for (const text of ['first', 'second']) stream.push(withOrigin({ ...row, text }, row))
    }
  }
  return new Transform({
    objectMode: true,
    transform(row, _encoding, done) {
      if (held.push(row) === 7) give(this)
      done()
    },
    flush(done) {
      give(this)
      done()
    },
  })
}

let once = 0
function inputsOnce(directory: string): string {
  const own = join(directory, `own-${once++}`)
  mkdirSync(own)
  return inputs(own, 2)
}

describe('what is written to S3 as Parquet', () => {
  let s3: S3Scenes
  let bucket: Bucket
  before(async () => {
    s3 = await startS3Scenes(1)
    bucket = s3.scenes[0]!.addBucket('lake')
  })
  after(() => s3[Symbol.asyncDispose]())

  it('leaves no upload of a file that is not published', async () => {
    using box = sandbox('parquet')
    const input = inputs(box.path, 2)
    writeFileSync(join(input, '0.csv'), `${COLUMNS}\n`)
    const transform = (rows: RowStream) => rows.withColumn('n', ['id'], (id) => Number(id))
    const extract = readCsv(input, { allowEmpty: true })
    const job = { name: 'none', extract, transform, load: writeParquet('s3://lake/none/') }
    const report = await s3.scenes[0]!.run(job, { state: join(box.path, 'state') })
    assert.equal(report.outputs.length, 1)
    assert.deepEqual(await strays(bucket, 'none/'), [])
  })

  it('leaves no upload and no object when the run is rejected', async () => {
    using box = sandbox('parquet')
    const extract = readCsv(inputs(box.path, 2))
    for (const to of ['bad.parquet', 'bad/']) {
      const job = { name: 'bad', extract, validate: UNIQUE, load: writeParquet(`s3://lake/${to}`, SMALL) }
      const run = s3.scenes[0]!.run(defineJob(job), { state: join(box.path, 'state') })
      await assert.rejects(run, { code: 'validation-failed' })
    }
    assert.deepEqual(
      [...bucket.objects.keys()].filter((key) => key.startsWith('bad')),
      [],
    )
    assert.equal(bucket.uploads.size, 0)
  })

  for (const parts of [1, 3]) {
    for (const to of ['out.parquet', 'out/']) {
      for (const validate of [{}, UNIQUE]) {
        const cut = 'uniqueColumns' in validate
        it(`is ${to} of ${parts} inputs${cut ? ', without late rejects' : ''}`, async () => {
          using box = sandbox('parquet')
          const load = writeParquet(`s3://lake/${parts}${cut}/${to}`, SMALL)
          const job = {
            name: 's3',
            extract: readCsv(inputs(box.path, parts)),
            validate,
            onInvalid: 'quarantine',
            load,
          } as const
          const report = await s3.scenes[0]!.run(defineJob(job), { state: join(box.path, 'state') })
          let rows = 0
          for (const { path, bytes } of report.outputs) {
            const body = await bytesOf(bucket, path.replace('s3://lake/', ''))
            assert.equal(body.length, bytes)
            rows += (await readByHyparquet(body)).length
            assert.ok((await duck.query(body, 'select count(*) from FILE')).length === 1)
          }
          assert.equal(rows, cut ? 4800 : 6000)
          if (to === 'out/') assert.ok(report.outputs.length > parts)
          assert.deepEqual(await strays(bucket, `${parts}${cut}/${to}`), [])
        })
      }
    }
  }
})

async function bytesOf(bucket: Bucket, key: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(bucket.object(key).content.read()))
}
