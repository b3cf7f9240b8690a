import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { CUSTOMERS } from '../testing/customers.ts'
import { ensureBuilt, jsonLines, shell, sluice, workspace } from '../testing/sluice.ts'

const RULES = ['--required', 'id,name', '--unique', 'id', '--clean-email', 'email']
const LOAD = ['load', 'in.csv', 'out.csv', ...RULES]

describe('sluice load', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('writes nothing and puts every rejected row into the dead letters', async () => {
    using place = workspace({ 'in.csv': CUSTOMERS })
    const { code, stdout } = await sluice([...LOAD, '--json', '--run-id', 'r'], place)
    const report = JSON.parse(stdout)
    assert.equal(code, 3)
    assert.equal(report.status, 'invalid')
    assert.equal(existsSync(join(place.cwd, 'out.csv')), false)
    // The letters of rows that only the judge rejects come after the others.
    const letters = jsonLines(readFileSync(report.dead_letters.path, 'utf8')).toSorted(
      (a, b) => Number(a['row']) - Number(b['row']),
    )
    assert.deepEqual(
      letters.map((letter) => letter['row']),
      [2, 3, 4],
    )
    assert.deepEqual(
      { ...letters[1], rejected_at: '', format: { ...(letters[1]?.['format'] as object), schema_hash: '' } },
      {
        id: 'r:in.csv:3',
        kind: 'row',
        run_id: 'r',
        job: 'load',
        source: 'in.csv',
        row: 3,
        line: 4,
        byte_offset: 51,
        byte_length: 27,
        raw: '1,cid@example.com,"Cid, Jr"',
        format: {
          ...{ type: 'csv', delimiter: ',', quote: '"', escape: '"', encoding: 'utf-8' },
          ...{ columns: ['id', 'email', 'name'], schema_hash: '' },
        },
        values: { id: '1', email: 'cid@example.com', name: 'Cid, Jr' },
        errors: [
          {
            ...{ code: 'duplicate-key', rule: 'id.unique_columns', column: 'id', value: '1' },
            ...{ message: 'The key id stands already in row 1.', first_row: 1 },
          },
        ],
        stage: 'judge',
        rejected_at: '',
        replay_count: 0,
      },
    )
  })

  it('commits the good rows in order and keeps the bad ones in quarantine', async () => {
    using place = workspace({ 'in.csv': CUSTOMERS })
    const more = ['--on-invalid', 'quarantine', '--max-rejected', '60%', '--dlq', 'bad.jsonl']
    const { code, stderr } = await sluice([...LOAD, ...more], place)
    assert.equal(code, 0)
    assert.equal(
      readFileSync(join(place.cwd, 'out.csv'), 'utf8'),
      'id,email,name\n1,ann@example.com,Ann\n5,eve@example.com,Eve\n',
    )
    assert.match(stderr, /5 read, 0 filtered, 3 rejected, 2 loaded/)
    assert.match(stderr, /dead letters {2}bad\.jsonl {2}3 letters/)
  })

  it('refuses when more rows are rejected than may be', async () => {
    using place = workspace({ 'in.csv': CUSTOMERS })
    const { code, stderr } = await sluice([...LOAD, '--on-invalid', 'quarantine', '--max-rejected', '2'], place)
    assert.equal(code, 3)
    assert.match(stderr, /3 of 5 rows were rejected; at most 2 may be/)
  })

  it('commits when exactly as many rows are rejected as may be, for every share', async () => {
    const rows = Array.from({ length: 100 }, (_, row) => (row < 29 ? `,${row}` : `${row},x`))
    using place = workspace({ 'in.csv': `id,n\n${rows.join('\n')}\n` })
    const quarantine = ['load', 'in.csv', 'out.csv', '--required', 'id', '--on-invalid', 'quarantine', '--max-rejected']
    for (const [most, expected] of [
      ['29%', 0],
      ['29.0%', 0],
      ['28.99%', 3],
    ] as const) {
      assert.equal((await sluice([...quarantine, most], place)).code, expected, most)
    }
  })

  it('pipes stdin through to stdout and ends quietly when the reader has seen enough', async () => {
    using place = workspace({ 'in.csv': `id\n${Array.from({ length: 300_000 }, (_, i) => i).join('\n')}\n` })
    const { code, stdout, stderr } = await shell(
      'cat in.csv | SLUICE_LOG=silent sluice load - - --required id --unique id | head -n 3',
      place,
    )
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'id\n0\n1\n', stderr: '' })
  })

  it('keeps stdout for the data: the report goes to stderr, as its last line', async () => {
    using place = workspace()
    const { code, stdout, stderr } = await sluice(['load', '-', '-', '--json'], { ...place, input: 'id\n7\n' })
    assert.equal(code, 0)
    assert.equal(stdout, 'id\n7\n')
    assert.equal(jsonLines(stderr).at(-1)?.['status'], 'committed')
  })

  it('writes nothing to stdout when the data is invalid', async () => {
    using place = workspace()
    const run = await sluice(['load', '-', '-', '--required', 'id'], { ...place, input: 'id,a\n,1\n' })
    assert.deepEqual([run.code, run.stdout], [3, ''])
  })

  it('loads in place', async () => {
    using place = workspace({ 'in.csv': 'id,email\n1, A@example.com\n' })
    const { code } = await sluice(['load', 'in.csv', 'in.csv', '--clean-email', 'email'], place)
    assert.equal(code, 0)
    assert.equal(readFileSync(join(place.cwd, 'in.csv'), 'utf8'), 'id,email\n1,a@example.com\n')
  })

  it('accepts no rows and foreign directories only when told so, and says how', async () => {
    using place = workspace({ 'in.csv': 'id\n' })
    mkdirSync(join(place.cwd, 'out'))
    writeFileSync(join(place.cwd, 'out/old.txt'), '')
    const empty = await sluice(['load', 'in.csv', 'new.csv'], place)
    assert.equal(empty.code, 3)
    assert.match(empty.stderr, /\nerror: .* has no data rows\. Set `allowEmpty: true` \(or `--allow-empty`\)/)
    const foreign = await sluice(['load', 'in.csv', 'out/', '--allow-empty'], place)
    assert.equal(foreign.code, 2)
    assert.match(foreign.stderr, /\nerror: .* did not write, such as old\.txt: set `adopt: true` \(or `--adopt`\)/)
    const told = await sluice(['load', 'in.csv', 'out/', '--allow-empty', '--adopt'], place)
    assert.equal(told.code, 0)
    assert.equal(readFileSync(join(place.cwd, 'out/part-00000.csv'), 'utf8'), 'id\n')
  })

  it('understands the dialect, patterns and phone numbers', async () => {
    using place = workspace({ 'in.csv': "made by hand\n'a;b';(907) 555-0141\nc;\n" })
    const dialect = ['--delimiter', ';', '--quote', "'", '--no-header', '--skip-lines', '1']
    const rules = ['--phone', 'column_2:us', '--pattern', 'column_1=[a-c;]+', '--unique', 'column_1+column_2']
    const { code } = await sluice(['load', 'in.csv', 'out.csv', ...dialect, ...rules], place)
    assert.equal(code, 0)
    assert.equal(readFileSync(join(place.cwd, 'out.csv'), 'utf8'), 'column_1,column_2\na;b,+19075550141\nc,\n')
  })
})
