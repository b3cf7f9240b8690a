import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { defineJob, type Job } from '../lifecycle/job.ts'
import { runJob } from '../lifecycle/run.ts'
import { sandbox } from '../lifecycle/testing/sandbox.ts'
import { duck } from '../parquet/testing/duck.ts'
import type { Untyped } from '../records/shape.ts'
import { writeCsv } from '../sinks/csv.ts'
import { writeParquet } from '../sinks/parquet.ts'
import { readCsv } from '../sources/csv.ts'
import { readParquet } from '../sources/parquet.ts'
import type { Source } from '../sources/source.ts'
import type { RowStream } from './row-stream.ts'
import { type SqlOptions, sql } from './sql.ts'

function place() {
  const box = sandbox('sql')
  const path = (name: string) => join(box.path, name)
  const run = (extract: unknown, transform: (rows: RowStream<Untyped>) => RowStream, options: Partial<Job> = {}) =>
    runJob(
      defineJob({
        name: 'gold',
        extract: extract as Source<Untyped>,
        transform,
        load: writeCsv(path('out.csv')),
        ...(options as object),
      }),
      { state: path('state') },
    )
  /** Runs a query on the text of a CSV file, and returns that of the result. */
  const query = async (csv: string, text: string, options?: SqlOptions) => {
    writeFileSync(path('in.csv'), csv)
    await run(readCsv(path('in.csv')), (rows) => rows.pipe(sql(text, options)))
    return readFileSync(path('out.csv'), 'utf8')
  }
  return { path, run, query, state: path('state'), [Symbol.dispose]: () => box[Symbol.dispose]() }
}

const PEOPLE = 'id,country\n1,DE\n2,AT\n3,DE\n4,\n'

describe('sql', () => {
  it('makes rows by a query on all rows', async () => {
    using at = place()
    const text = 'select country, count(*) as customers from input group by country'
    assert.equal(await at.query(PEOPLE, text), 'country,customers\nAT,1\nDE,2\n,1\n')
  })

  it('orders the result by all columns, unless the query orders it', async () => {
    using at = place()
    assert.equal(await at.query(PEOPLE, 'select country, id from input'), 'country,id\nAT,2\nDE,1\nDE,3\n,4\n')
    assert.equal(await at.query(PEOPLE, 'select id from input order by id desc; -- newest'), 'id\n4\n3\n2\n1\n')
    assert.equal(await at.query(PEOPLE, "select id, '; --' as t from input where id = '1' --;"), 'id,t\n1,; --\n')
    // The order of a part is none of the whole.
    const part = '(select id from input order by id desc limit 2) union all (select id from input limit 1)'
    assert.equal(await at.query(PEOPLE, part), 'id\n1\n3\n4\n')
  })

  it('keeps an order also where the columns of the result are cast and threads are many', async () => {
    using at = place()
    await duck(`copy (select i as id from range(500000) r(i)) to '${at.path('in.parquet')}' (format parquet)`)
    const text = 'select id % 7 as k, id::hugeint as id from input order by id desc'
    await at.run(readParquet(at.path('in.parquet')), (rows) => rows.pipe(sql(text, { threads: 4 })))
    const ids = readFileSync(at.path('out.csv'), 'utf8').trim().split('\n').slice(1)
    assert.equal(ids.length, 500_000)
    ids.forEach((line, index) => {
      const id = 499_999 - index
      if (line !== `${id % 7},${id}`) assert.fail(`line ${index}: ${line}`)
    })
  })

  it('sees columns as the steps before made them, with their types', async () => {
    using at = place()
    writeFileSync(at.path('in.csv'), 'id,amount,day\na,1.10,2024-01-31\nb,2.25,2024-02-01\nb,0.05,\n')
    const text =
      'select id, sum(amount) as total, max(day) as day, typeof(any_value(amount)) as type from input group by id'
    await at.run(readCsv(at.path('in.csv')), (rows) =>
      rows.cast({ amount: 'decimal(10,2)', day: 'date' }).pipe(sql(text)),
    )
    const type = '"DECIMAL(10,2)"'
    assert.equal(
      readFileSync(at.path('out.csv'), 'utf8'),
      `id,total,day,type\na,1.10,2024-01-31,${type}\nb,2.30,2024-02-01,${type}\n`,
    )
  })

  it('gives typed rows to the steps and rules behind', async () => {
    using at = place()
    writeFileSync(at.path('in.csv'), PEOPLE)
    const text = 'select country, count(*) as customers from input where country is not null group by country'
    const job = defineJob({
      name: 'typed',
      extract: readCsv(at.path('in.csv')) as Source<Untyped>,
      transform: (rows) =>
        rows
          .pipe(sql<{ country: string; customers: bigint }>(text))
          .withColumn('twice', ['customers'], (customers) => customers * 2n)
          .filter('twice', (twice) => twice > 2n),
      validate: { requiredColumns: ['country', 'twice'], uniqueColumns: ['country'] },
      load: writeCsv(at.path('out.csv')),
    })
    await runJob(job, { state: at.state })
    assert.equal(readFileSync(at.path('out.csv'), 'utf8'), 'country,customers,twice\nDE,2,4\n')
  })

  it('sums whole numbers exactly, and says when a sum does not fit', async () => {
    using at = place()
    const rows = (max: string) => `n\n${max}\n1\n`
    const sum = 'select sum(cast(n as bigint)) as n from input'
    assert.equal(await at.query(rows('9223372036854775806'), sum), 'n\n9223372036854775807\n')
    await assert.rejects(at.query(rows('9223372036854775807'), sum), (error: Error & { code: string }) => {
      assert.equal(error.code, 'transform-failed')
      assert.match(error.message, /cast\(sum\(x\) as decimal\(38, 0\)\)/)
      assert.doesNotMatch(error.message, /9223372036854775808/)
      return true
    })
    const wide = 'select cast(sum(cast(n as bigint)) as decimal(38, 0)) as n from input'
    assert.equal(await at.query(rows('9223372036854775807'), wide), 'n\n9223372036854775808\n')
  })

  it('brings every type that a column can have, as DuckDB itself says its values', async () => {
    using at = place()
    const columns = [
      'true as boolean, 1::tinyint as tiny, 2::smallint as small, 3 as int, 4::bigint as big, 5::hugeint as huge',
      '6::utinyint as utiny, 7::usmallint as usmall, 8::uinteger as uint, 9::ubigint as ubig, 10::uhugeint as uhuge',
      "0.1::double as d, 0.5::float as f, 1.25::decimal(10,2) as m, 'text' as t, date '2024-02-29' as day",
      "time '12:34:56.789' as clock, timestamp '2024-02-29 12:34:56.789012' as ts",
      "timestamp_s '2024-02-29 12:34:56' as ts_s, timestamp_ns '2024-02-29 12:34:56.789012345' as ts_ns",
      "uuid '12345678-1234-5678-1234-567812345678' as u, 'a'::enum('a', 'b') as e, null as nothing",
      `'{"a":1}'::json as j`,
    ].join(', ')
    writeFileSync(at.path('in.csv'), PEOPLE)
    const load = writeParquet(at.path('out.parquet'))
    await at.run(readCsv(at.path('in.csv')), (rows) => rows.pipe(sql(`select ${columns} from input limit 1`)), { load })
    const seen = (from: string) =>
      duck(
        `select columns(*)::varchar from (select * replace (ts_ns::timestamp as ts_ns, j::varchar as j) from ${from})`,
      )
    assert.deepEqual(await seen(`'${at.path('out.parquet')}'`), await seen(`(select ${columns})`))
  })

  it('reads other sources as tables of their names', async () => {
    using at = place()
    writeFileSync(at.path('regions.csv'), 'country,region\nDE,EU\nAT,EU\n')
    const inputs = { regions: readCsv(at.path('regions.csv')) }
    const text = 'select region, count(*) as n from input join regions using (country) group by region'
    assert.equal(await at.query(PEOPLE, text, { inputs }), 'region,n\nEU,3\n')
  })

  it('sees the same types in all splits, also where one has no values', async () => {
    using at = place()
    mkdirSync(at.path('in'))
    writeFileSync(at.path('in/a.csv'), 'n\n\n')
    for (const [name, text] of Object.entries({ a: 'k,n\n1,\n', b: 'k,n\n2,5\n', c: 'k,n\n3,\n' })) {
      writeFileSync(at.path(`in/${name}.csv`), text)
    }
    const number = (value: unknown) => (value === null ? null : BigInt(value as string))
    await at.run(readCsv(at.path('in')), (rows) =>
      rows.withColumn('n', number).pipe(sql('select typeof(n) as type, max(n) + 1 as n from input group by all')),
    )
    assert.equal(readFileSync(at.path('out.csv'), 'utf8'), 'type,n\nBIGINT,6\n')
  })

  it('is judged and written nowhere when a run is dry', async () => {
    using at = place()
    writeFileSync(at.path('in.csv'), PEOPLE)
    const job = defineJob({
      name: 'dry',
      extract: readCsv(at.path('in.csv')) as Source<Untyped>,
      transform: (rows) => rows.pipe(sql('select country, count(*) as n from input group by country')),
      validate: { requiredColumns: ['country'] },
      load: writeCsv(at.path('out.csv')),
    })
    await assert.rejects(runJob(job, { state: at.state, dryRun: true }), /country.* \(1 rows\)/)
    assert.equal(existsSync(at.path('out.csv')), false)
  })

  it('may make no rows', async () => {
    using at = place()
    assert.equal(await at.query(PEOPLE, "select id, country from input where id = '9'"), 'id,country\n')
  })

  it('may be followed by another query', async () => {
    using at = place()
    writeFileSync(at.path('in.csv'), PEOPLE)
    await at.run(readCsv(at.path('in.csv')), (rows) =>
      rows
        .pipe(sql('select country, count(*) as n from input group by country'))
        .pipe(sql('select n, count(*) as countries from input group by n')),
    )
    assert.equal(readFileSync(at.path('out.csv'), 'utf8'), 'n,countries\n1,2\n2,1\n')
  })

  it('gives the same bytes again', async () => {
    using at = place()
    const source = at.path('in.parquet')
    await duck(`copy (select i % 1000 as k, random() as x from range(300000) r(i)) to '${source}' (format parquet)`)
    const outputs = new Set<string>()
    for (let round = 0; round < 3; round++) {
      await at.run(readParquet(source), (rows) => rows.pipe(sql('select k, sum(x) as x from input group by k')))
      outputs.add(readFileSync(at.path('out.csv'), 'utf8'))
    }
    assert.equal(outputs.size, 1)
  })

  it('answers as DuckDB does', async () => {
    using at = place()
    const source = at.path('in.parquet')
    const values =
      "i, md5(i::varchar) as h, (i * 7919 % 1000)::decimal(10,2) / 7 as m, date '2024-01-01' + (i % 400)::int as d"
    await duck(`copy (select ${values} from range(100000) r(i)) to '${source}' (format parquet)`)
    const queries = [
      'select d, count(*) as n, sum(m) as m, min(h) as h from input group by d order by d',
      'select h[1:1] as first, avg(i) as mean, stddev(i) as deviation from input group by all order by first',
      'select i, row_number() over (partition by d order by h) as place from input qualify place = 1 order by i',
      "with months as (select date_trunc('month', d) as m, i from input) select m, max(i) as i from months group by m order by m",
    ]
    for (const query of queries) {
      await at.run(readParquet(source), (rows) => rows.pipe(sql(query)), { load: writeParquet(at.path('out.parquet')) })
      const direct = query.replace('from input', `from '${source}'`)
      assert.deepEqual(
        await duck(`select columns(*)::varchar from '${at.path('out.parquet')}'`),
        await duck(`select columns(*)::varchar from (${direct})`),
        query,
      )
    }
  })
})

describe('a query that is wrong', () => {
  const cases: [what: string, query: string, code: string, message: RegExp][] = [
    [
      'has a syntax error',
      'select country\nfrm input group by country',
      'job-invalid',
      /syntax error at or near .* \(line 2, column \d+ of the query\)/,
    ],
    [
      'names a column that is not there',
      'select cuntry from input',
      'unknown-column',
      /"cuntry" not found.*\(line 1, column 8 of/,
    ],
    [
      'names a table that is not there',
      'select 1 from inpt',
      'job-invalid',
      /inpt does not exist.*\(line 1, column 15/,
    ],
    ['names a function that is not there', 'select cuont(*) from input', 'job-invalid', /cuont does not exist/],
    ['is no select', 'delete from input', 'job-invalid', /must be one `select`/],
    ['writes', "copy input to '/tmp/x'", 'job-invalid', /must be one `select`/],
    ['is two', 'select 1; select 2', 'job-invalid', /must be one `select`; there are 2 statements/],
    ['is none', '-- nothing', 'job-invalid', /must be one `select`/],
    [
      'gives two columns one name',
      'select 1 as a, 2 as A from input',
      'job-invalid',
      /two columns of the result are named "A"/,
    ],
    ['gives a column that no row can have', 'select [id] as ids from input', 'job-invalid', /"ids" is VARCHAR\[\]/],
    ['has a parameter', 'select * from input where id = ?', 'job-invalid', /the query has parameters, such as `\?`/],
    ['reads a file', "select * from read_text('/etc/hostname')", 'job-invalid', /Cannot access file/],
    [
      'reads a file by its name',
      "select * from '/etc/hostname.csv'",
      'job-invalid',
      /Cannot access file|does not exist/,
    ],
    ['reads an address', "select * from 'https://example.com/a.parquet'", 'job-invalid', /Cannot access file/],
    ['lists files', "select * from glob('/etc/*')", 'job-invalid', /Cannot access/],
    ['needs an extension', 'select st_point(1, 2) from input', 'job-invalid', /does not exist|spatial/],
    [
      'meets a value that it cannot convert',
      "select 'ä' as a,\n  'ö', cast(country as int) from input",
      'transform-failed',
      /a value cannot be converted \(line 2, column 8 of the query\)/,
    ],
    [
      'raises an error',
      "select error('secret ' || country) from input",
      'transform-failed',
      /a function got a value that it cannot take/,
    ],
  ]
  for (const [what, query, code, message] of cases) {
    it(`fails the run when it ${what}, and nothing is written`, async () => {
      using at = place()
      await assert.rejects(at.query('id,country\n1,classified\n', query), (error: Error & { code: string }) => {
        assert.deepEqual([error.code, message.test(error.message) || error.message], [code, true])
        assert.doesNotMatch(JSON.stringify([error.message, error]), /classified/)
        return true
      })
      assert.equal(existsSync(at.path('out.csv')), false)
    })
  }

  it('needs more memory than it has', async () => {
    using at = place()
    const text = "select string_agg(repeat(id, 1000), ',') as t from input, range(500000)"
    await assert.rejects(at.query(PEOPLE, text, { memory: '64MB' }), {
      code: 'transform-failed',
      message: /needs more memory than 64 MB/,
    })
  })
})

describe('options of sql', () => {
  it('are checked when the job is made', () => {
    const wrong: [unknown, unknown][] = [
      ['', {}],
      [7, {}],
      ['select 1', { memory: '10MB' }],
      ['select 1', { memory: 256 }],
      ['select 1', { threads: 0 }],
      ['select 1', { inputs: 7 }],
      ['select 1', { limit: 7 }],
    ]
    for (const [query, options] of wrong) {
      assert.throws(() => sql(query as string, options as SqlOptions), { code: 'job-invalid' }, JSON.stringify(options))
    }
  })
})
