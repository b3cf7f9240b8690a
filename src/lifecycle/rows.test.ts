import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RunEvent } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import { writeRows } from '../sinks/rows.ts'
import { readRows } from '../sources/rows.ts'
import { datasetRule } from '../validation/rules/dataset-rule.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import { unique } from '../validation/rules/unique-columns.ts'
import type { Job } from './job.ts'
import { runJob } from './run.ts'
import { leftovers, sandbox, unsettled } from './testing/sandbox.ts'

type Row = Record<string, unknown>

const cell = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constant(null),
)

const row = fc.record({ a: cell, b: cell, 'c "d"': cell }, { noNullPrototype: true })

describe('rows from objects to objects', () => {
  it('keep cells of every type, whatever the rules and the number of rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
        const { taken } = await play(readRows(rows))
        assert.deepEqual(taken, rows)
      }),
      { numRuns: 60 },
    )
  })

  it('come from arrays, generators, asynchronous ones and streams', async () => {
    const rows = [{ id: 1 }, { id: 2 }]
    const sources: (() => Iterable<Row> | AsyncIterable<Row>)[] = [
      () => rows,
      () => new Set(rows),
      () => rows.values(),
      () => Readable.from(rows),
      async function* () {
        yield* rows
      },
    ]
    for (const make of sources) assert.deepEqual((await play(readRows(make()))).taken, rows)
  })

  it('reach the stream after the verdict only, and not at all when it is against them', async () => {
    const seen: string[] = []
    const note = (what: string) => seen.at(-1) !== what && seen.push(what)
    const taking = sink((_row, done) => {
      note('row')
      done()
    })
    const onEvent = ({ type }: RunEvent) => void note(type)
    await play(readRows(numbers(3000)), { stream: taking, onEvent })
    assert.ok(seen.indexOf('row') > seen.indexOf('RunDecided'), seen.join())
    await assert.rejects(
      play(readRows([{ id: 1 }, { id: 1 }]), {
        stream: sink(() => assert.fail('a row came out')),
        validate: { uniqueColumns: ['id'] },
      }),
      { code: 'validation-failed', exitCode: 3 },
    )
  })

  it('must have columns, each with a name', async () => {
    for (const row of [{}, { '': 1 }]) {
      await assert.rejects(play(readRows([row] as Row[])), {
        code: 'blank-label',
        exitCode: 3,
        message: /^rows: the first/,
      })
    }
  })

  it('that are rejected become letters with the row as JSON', async () => {
    using box = sandbox('rows')
    const big = { id: 3n, when: new Date(0), text: 'ü"\n' }
    const rows = [{ id: 1n, when: null, text: 'a' }, big, big, 'no row', { id: 4n, when: { no: 'cell' }, text: '' }]
    const deadLetters = join(box.path, 'dead.jsonl')
    const { taken } = await play(readRows(rows as Row[]), {
      validate: { uniqueColumns: ['id'] },
      onInvalid: 'quarantine',
      deadLetters,
    })
    assert.deepEqual(taken, rows.slice(0, 2))
    const letters = readFileSync(deadLetters, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      letters.map(({ row, line, errors: [{ code }] }) => [row, line, code]),
      [
        [4, 4, 'invalid-row'],
        [5, 5, 'invalid-row'],
        [3, 3, 'duplicate-key'],
      ],
    )
    assert.equal(letters[1].errors[0].message, 'column "when": the value is an object, which no cell can hold')
    assert.deepEqual(JSON.parse(letters[2].raw), { id: '3', when: '1970-01-01T00:00:00.000Z', text: 'ü"\n' })
    assert.deepEqual(letters[2].values, { id: '3', when: '1970-01-01T00:00:00.000Z', text: 'ü"\n' })
    // The input as lines of JSON: there the bytes of the letter lie.
    const asJson = (row: unknown) =>
      JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
    const input = Buffer.from(rows.map((row) => `${asJson(row)}\n`).join(''))
    for (const { raw, byte_offset, byte_length } of letters) {
      assert.equal(input.toString('utf8', byte_offset, byte_offset + byte_length), raw)
    }
  })
})

describe('a stream that takes rows', () => {
  it('slowly gets no more than it asked for', async () => {
    let inside = 0
    let most = 0
    const stream = sink((_row, done) => setImmediate(() => done(void inside-- as undefined)), 8)
    const write = stream.write.bind(stream)
    stream.write = ((...args: Parameters<typeof write>) => {
      most = Math.max(most, ++inside)
      return write(...args)
    }) as typeof stream.write
    await play(readRows(numbers(3000)), { stream })
    assert.ok(most <= 8, `${most} rows inside`)
  })

  it('has worked off every row when the run is over', async () => {
    const taken: unknown[] = []
    const stream = sink((row, done) => setTimeout(() => done(void taken.push(row) as undefined), 1))
    await play(readRows(numbers(10)), { stream })
    assert.equal(taken.length, 10)
  })

  const failures: [string, number][] = [
    ['its first row', 1],
    ['a row in between', 900],
    ['its very last row', 1000],
  ]
  for (const [what, at] of failures) {
    it(`and fails at ${what} ends the run with \`target-gone\``, async () => {
      let count = 0
      const stream = sink((_row, done) => setImmediate(() => done(++count === at ? new Error('broken') : null)))
      const error = await play(readRows(numbers(1000)), { stream }).catch((failure: SluiceError) => failure)
      assert.deepEqual([(error as SluiceError).code, (error as SluiceError).exitCode], ['target-gone', 4])
      assert.match((error as SluiceError).message, /broken/)
    })
  }

  it('and failed before the verdict gets nothing, and the run says so', async () => {
    const stream = sink(() => assert.fail('a row came out'))
    const onEvent = ({ type }: RunEvent) => void (type === 'SplitStaged' && stream.destroy(new Error('went away')))
    await assert.rejects(play(readRows(numbers(10)), { stream, onEvent }), {
      code: 'target-gone',
      message: /went away/,
    })
  })
})

describe('whatever is the user’s own', () => {
  const rules: [string, NonNullable<Job['validate']>][] = [
    ['a row rule', { rules: [rowRule(boom)] }],
    ['where of a row rule', { rules: [rowRule(() => true, { where: boom })] }],
    ['where of a unique rule', { rules: [unique('id', { where: boom })] }],
    ['start of a dataset rule', { rules: [datasetRule({ start: boom, add: () => {}, end: () => undefined })] }],
    ['add of a dataset rule', { rules: [datasetRule({ start: () => 0, add: boom, end: () => undefined })] }],
    ['end of a dataset rule', { rules: [datasetRule({ start: () => 0, add: () => {}, end: boom })] }],
  ]
  for (const [what, validate] of rules) {
    it(`fails the run with \`rule-failed\` when ${what} throws`, async () => {
      await assert.rejects(play(readRows(numbers(10)), { validate }), {
        code: 'rule-failed',
        exitCode: 4,
        message: /boom/,
      })
    })
  }

  it('cannot change what becomes of a run by throwing when it is told', async () => {
    const types = ['RunPlanned', 'BatchRead', 'SplitStaged', 'RunJudged', 'RunDecided', 'RunCommitted', 'RunAudited']
    for (const type of types) {
      const onEvent = (event: RunEvent) => void (event.type === type && boom())
      assert.equal((await play(readRows(numbers(10)), { onEvent })).report.status, 'committed')
    }
  })

  const wait = async () => Promise.reject(new Error('unheard'))
  const none = () => undefined
  const misfits: [string, NonNullable<Job['validate']>, RegExp][] = [
    ['a row rule waits', { rules: [rowRule(wait as never)] }, /asynchronous/],
    ['a row rule returns nothing', { rules: [rowRule(none as never)] }, /undefined, not true, false or a message/],
    ['where waits', { rules: [unique('id', { where: wait as never })] }, /asynchronous/],
    ['start waits', { rules: [datasetRule({ start: wait, add: none, end: none })] }, /asynchronous/],
    ['add waits', { rules: [datasetRule({ start: none, add: wait as never, end: none })] }, /asynchronous/],
    ['end waits', { rules: [datasetRule({ start: none, add: none, end: wait as never })] }, /asynchronous/],
    [
      'end says false',
      { rules: [datasetRule({ start: none, add: none, end: (() => false) as never })] },
      /false, not a/,
    ],
    [
      'end says numbers',
      { rules: [datasetRule({ start: none, add: none, end: (() => [1]) as never })] },
      /\[1\], not a/,
    ],
  ]
  for (const [what, validate, message] of misfits) {
    it(`fails the run with \`rule-failed\` when ${what}, for that is no verdict`, async () => {
      await assert.rejects(play(readRows(numbers(3)), { validate }), { code: 'rule-failed', message })
    })
  }

  const broken: [string, () => Iterable<Row> | AsyncIterable<Row>][] = [
    ['a generator', () => numbersUntil(boom)],
    ['an asynchronous generator', () => Readable.from(numbersUntil(boom)).map((row) => row)],
    ['a stream', () => new Readable({ objectMode: true, read: boom })],
    ['an iterable that does not begin', () => ({ [Symbol.iterator]: boom })],
    ['an iterator of its own', () => ({ [Symbol.asyncIterator]: () => ({ next: boom }) })],
  ]
  for (const [what, make] of broken) {
    it(`that makes ${what} fail ends the run as \`source-failed\`, with its name and the cause`, async () => {
      const error = await play(readRows(make(), { name: 'mine' })).catch((failure) => failure)
      assert.deepEqual([error.code, error.exitCode, error.cause?.message], ['source-failed', 4, 'boom'])
      assert.equal(error.message, 'Cannot read mine: boom')
    })
  }
})

interface Options extends Partial<Pick<Job, 'validate' | 'onInvalid' | 'deadLetters'>> {
  readonly stream?: Writable
  readonly onEvent?: (event: RunEvent) => void
}

async function play(extract: Job['extract'], { stream, onEvent, ...options }: Options = {}) {
  using box = sandbox('rows')
  const taken: unknown[] = []
  const load = writeRows(stream ?? sink((row, done) => done(void taken.push(row) as undefined)))
  const state = join(box.path, 'state')
  try {
    const report = await runJob({ name: 'rows', extract, load, ...options } as Job, {
      state,
      ...(onEvent ? { onEvent } : {}),
    })
    return { report, taken }
  } finally {
    assert.deepEqual([...leftovers(box.path), ...(existsSync(state) ? unsettled(state) : [])], [])
  }
}

function sink(write: (row: unknown, done: (error?: Error | null) => void) => void, highWaterMark = 16): Writable {
  return new Writable({ objectMode: true, highWaterMark, write: (row, _encoding, done) => write(row, done) })
}

function* numbers(count: number): Generator<{ id: number }> {
  for (let id = 0; id < count; id++) yield { id }
}

function* numbersUntil(end: () => never): Generator<{ id: number }> {
  yield { id: 1 }
  end()
}

function boom(): never {
  throw new Error('boom')
}
