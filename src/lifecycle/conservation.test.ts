import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex, PassThrough, Transform, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate as soon } from 'node:timers/promises'
import type { RecordBatch } from '../records/record-batch.ts'
import { GONE } from '../records/span.ts'
import type { Step } from '../transforms/step.ts'
import { withOrigin } from '../transforms/through.ts'
import { playRows } from './testing/memory-job.ts'
import { sandbox } from './testing/sandbox.ts'

type Row = { id: number }
const COUNT = 5000

/** A step of somebody's own, which does to each batch what it should not. */
function step(effect: Step['effect'], change: (batch: RecordBatch, index: number) => readonly RecordBatch[]): Step {
  return {
    name: 'own',
    effect,
    description: {},
    apply: async function* (batches) {
      let index = 0
      for await (const batch of batches) yield* change(batch, index++)
    },
  }
}

function transform(fn: (row: Row, push: (row: object) => void) => void | Promise<void>): Transform {
  return new Transform({
    objectMode: true,
    transform(row: Row, _encoding, done) {
      Promise.resolve(fn(row, (made) => this.push(made))).then(() => done(), done)
    },
  })
}

const lose = (batch: RecordBatch) => {
  batch.mask[0] = GONE
  return [batch]
}

describe('a step that does not account for its rows', () => {
  const breaches: [string, Step][] = [
    ['loses a row', step('one-to-one', lose)],
    ['gives a batch twice', step('filter', (batch) => [batch, batch])],
  ]
  for (const [what, own] of breaches) {
    it(`fails the run when it ${what}`, async () => {
      await assert.rejects(
        playRows(COUNT, (rows) => rows.apply(own)),
        { code: 'not-conserved', exitCode: 4 },
      )
    })
  }

  const streams: [string, 'one-to-one' | 'filter', () => Transform][] = [
    ['one-to-one loses a row', 'one-to-one', () => transform((row, push) => (row.id === 7 ? undefined : push(row)))],
    [
      'one-to-one makes a row',
      'one-to-one',
      () => transform((row, push) => [row, ...(row.id === 7 ? [withOrigin({ ...row }, row)] : [])].forEach(push)),
    ],
    ['one-to-one loses a row and passes another one twice', 'one-to-one', swaps(false)],
    ['one-to-one loses a row and copies another one', 'one-to-one', swaps(true)],
    ['filter loses a row and passes another one twice', 'filter', swaps(false)],
    ['filter makes rows', 'filter', () => transform((row, push) => [row, withOrigin({ ...row }, row)].forEach(push))],
  ]
  for (const [what, rows, make] of streams) {
    it(`fails the run when a stream that is ${what}`, async () => {
      await assert.rejects(
        playRows(COUNT, (plan) => plan.through(make, { rows })),
        { code: 'not-conserved' },
      )
    })
  }
})

describe('a stream between', () => {
  it('may pass rows on one to one, later and in pieces of its own', async () => {
    const { rows } = await playRows(COUNT, (plan) =>
      plan.through(() => transform(dawdle), {
        rows: 'one-to-one',
      }),
    )
    assert.deepEqual(rows, ids(COUNT))
  })

  it('may filter', async () => {
    const { rows, report } = await playRows(COUNT, (plan) =>
      plan.through(() => transform((row, push) => void (row.id % 2 === 0 && push(row))), { rows: 'filter' }),
    )
    assert.deepEqual(
      rows,
      ids(COUNT).filter(({ id }) => id % 2 === 0),
    )
    assert.deepEqual([report.rows.filtered, report.rows.loaded], [COUNT / 2, COUNT / 2])
  })

  it('may expand, and may hold rows back until its end', async () => {
    const held: Row[] = []
    const hold = () =>
      new Transform({
        objectMode: true,
        transform: (row: Row, _encoding, done) => {
          held.push(row)
          done()
        },
        flush(done) {
          for (const row of held) for (const copy of [0, 1, 2]) this.push(withOrigin({ ...row, copy }, row))
          done()
        },
      })
    const { rows, report } = await playRows(COUNT, (plan) => plan.through(hold, { rows: 'expand' }))
    assert.equal(rows.length, COUNT * 3)
    assert.equal(report.rows.produced, COUNT * 2)
  })

  it('that expands tells how many rows it made and how many it took', async () => {
    const { rows, report } = await playRows(COUNT, (plan) => plan.through(swaps(true), { rows: 'expand' }))
    assert.equal(rows.length, COUNT)
    assert.deepEqual([report.rows.produced, report.rows.consumed, report.rows.loaded], [1, 1, COUNT])
  })

  it('that expands counts the rows that never entered it as rejected', async () => {
    const { report } = await playRows(
      COUNT,
      (plan) =>
        plan
          .withColumn('id', (id) => {
            if (id % 10 === 0) throw new Error('no')
            return id
          })
          .through(swaps(true), { rows: 'expand' }),
      { onInvalid: 'quarantine' },
    )
    const { rejected, produced, consumed, loaded } = report.rows
    assert.deepEqual([rejected, produced, consumed, loaded], [COUNT / 10, 1, 1, COUNT - COUNT / 10])
  })

  it('may expand what another one expanded', async () => {
    const twice = () => transform((row, push) => [row, withOrigin({ ...row }, row)].forEach(push))
    const { rows, report } = await playRows(COUNT, (plan) =>
      plan.through(twice, { rows: 'expand' }).through(twice, { rows: 'expand' }).through(twice, { rows: 'expand' }),
    )
    assert.deepEqual([rows.length, report.rows.produced, report.rows.consumed], [COUNT * 8, COUNT * 7, 0])
  })

  it('may follow another one, and a third, though each holds rows', async () => {
    const pass = () => new PassThrough({ objectMode: true })
    const { rows } = await playRows(20_000, (plan) =>
      plan
        .through(pass, { rows: 'one-to-one' })
        .mapRows((row) => ({ ...row }))
        .through(pass, { rows: 'one-to-one' })
        .through(pass, { rows: 'one-to-one' }),
    )
    assert.deepEqual(rows, ids(20_000))
  })

  it('never holds more rows than it asked for', async () => {
    let inside = 0
    let most = 0
    const slow = () =>
      new Transform({
        objectMode: true,
        highWaterMark: 4,
        construct(done) {
          const write = this.write.bind(this)
          this.write = ((row: Row) => {
            most = Math.max(most, ++inside)
            return write(row)
          }) as never
          done()
        },
        transform: (row: Row, _encoding, done) => {
          setImmediate(() => {
            inside--
            done(null, row)
          })
        },
      })
    await playRows(500, (plan) => plan.through(slow, { rows: 'one-to-one' }))
    assert.ok(most <= 5, `${most} rows inside`)
  })

  const refusals: [string, unknown, unknown, RegExp][] = [
    ['has no options', () => new PassThrough(), undefined, /rows must be "one-to-one" or "filter" or "expand"/],
    ['has an effect that nobody knows', () => new PassThrough(), { rows: 'x' }, /rows must be "one-to-one"/],
    ['has an option that nobody knows', () => new PassThrough(), { rows: 'filter', colums: [] }, /"columns"\?/],
    ['is no function', new PassThrough(), { rows: 'filter' }, /needs a function that makes a stream/],
  ]
  for (const [what, make, options, message] of refusals) {
    it(`that ${what} makes the job invalid`, async () => {
      await assert.rejects(
        playRows(COUNT, (plan) => plan.through(make as never, options as never)),
        { code: 'job-invalid', message },
      )
    })
  }

  const failures: [string, () => unknown, RegExp][] = [
    ['is none', () => 5, /made no stream/],
    ['is nothing', () => undefined, /made no stream/],
    ['cannot be read', () => new Writable({ objectMode: true, write() {} }), /made no stream/],
    ['takes bytes', () => new PassThrough(), /objectMode/],
    ['gives bytes', () => new PassThrough({ writableObjectMode: true }), /objectMode/],
    ['cannot be made', () => assert.fail('not today'), /not today/],
    ['throws', () => transform(() => Promise.reject(new Error('broken'))), /broken/],
    [
      'throws at its end',
      () => new Transform({ objectMode: true, transform: pass, flush: (done) => done(new Error('late')) }),
      /late/,
    ],
    ['is destroyed before its input ended', () => closing(), /clos/i],
    ['ends before its input ended', () => ending(), /end|clos/i],
    ['makes rows out of nothing', () => transform((row, push) => push({ id: row.id })), /withOrigin/],
    [
      'makes other columns',
      () => transform((row, push) => push(withOrigin({ ...row, [`x${row.id > 9}`]: 1 }, row))),
      /xtrue/,
    ],
  ]
  for (const [what, make, message] of failures) {
    it(`that ${what} fails the run, and nothing is written`, async () => {
      await assert.rejects(
        playRows(COUNT, (plan) => plan.through(make as () => Transform, { rows: 'one-to-one' })),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'transform-failed')
          assert.match(error.message, message)
          return true
        },
      )
    })
  }
})

describe('a row that failed before a stream', () => {
  it('passes it by, and its letter says where it failed', async () => {
    using box = sandbox('through')
    const deadLetters = join(box.path, 'dead.jsonl')
    const broken = (id: number) => (id === 3 ? assert.fail('three') : id)
    await playRows(
      5,
      (plan) =>
        plan.withColumn('id', broken).through(() => new PassThrough({ objectMode: true }), { rows: 'one-to-one' }),
      { onInvalid: 'quarantine', deadLetters },
    )
    const { stage, errors } = JSON.parse(readFileSync(deadLetters, 'utf8'))
    assert.deepEqual([stage, errors[0].rule, errors[0].code], ['transform', 'withColumn(id)', 'transform-error'])
  })
})

describe('mapRows', () => {
  it('keeps the order of the rows, however long each call takes', async () => {
    let running = 0
    let most = 0
    const { rows } = await playRows(3000, (plan) =>
      plan.mapRows(
        async ({ id }) => {
          most = Math.max(most, ++running)
          for (let turns = (id * 7) % 5; turns > 0; turns--) await soon()
          running--
          return { id }
        },
        { concurrency: 8 },
      ),
    )
    assert.deepEqual(rows, ids(3000))
    assert.equal(most, 8)
  })

  for (const [what, row, message] of [
    ['no columns', {}, /the first row has no columns/],
    ['a column without a name', { '': 1 }, /a column without a name/],
  ] as const) {
    it(`and a stream must not make ${what}`, async () => {
      const failure = { code: 'transform-failed', message }
      await assert.rejects(
        playRows(10, (plan) => plan.mapRows(() => row)),
        failure,
      )
      const make = () => transform((from, push) => push(withOrigin({ ...row }, from)))
      await assert.rejects(
        playRows(10, (plan) => plan.through(make, { rows: 'one-to-one' })),
        failure,
      )
    })
  }

  it('rejects the rows whose call fails, early or late, and no others', async () => {
    const { rows, report } = await playRows(
      1000,
      (plan) =>
        plan.mapRows(({ id }): { id: number } | Promise<{ id: number }> => {
          if (id % 10 === 1) throw new Error('early')
          if (id % 10 === 2) return Promise.reject(new Error('late'))
          return id % 2 === 0 ? { id } : Promise.resolve({ id })
        }),
      { onInvalid: 'quarantine' },
    )
    assert.deepEqual(
      rows,
      ids(1000).filter(({ id }) => id % 10 !== 1 && id % 10 !== 2),
    )
    assert.equal(report.rows.rejected, 200)
  })
})

/** A stream that loses row 7 and gives row 8 twice, long after or as a copy, so that the number of rows is the same. */
function swaps(copy: boolean): () => Transform {
  return () => {
    let held: Row | undefined
    return new Transform({
      objectMode: true,
      transform(row: Row, _encoding, done) {
        if (row.id === 8) held = row
        done(null, row.id === 7 ? undefined : row)
      },
      flush(done) {
        if (held !== undefined) this.push(copy ? withOrigin({ ...held }, held) : held)
        done()
      },
    })
  }
}

function ids(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({ id }))
}

async function dawdle(row: Row, push: (row: object) => void): Promise<void> {
  if (row.id % 100 === 0) await soon()
  push(row)
}

function pass(row: unknown, _encoding: string, done: (error: null, row: unknown) => void): void {
  done(null, row)
}

function closing(): Transform {
  const stream = transform(({ id }) => void (id === 20 && stream.destroy()))
  return stream
}

function ending(): Duplex {
  let seen = 0
  const stream: Duplex = new Duplex({
    objectMode: true,
    read() {},
    write(row, _encoding, done) {
      stream.push(++seen < 20 ? row : null)
      if (seen < 20) done()
    },
  })
  return stream
}
