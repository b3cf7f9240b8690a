import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { ERRORS, SluiceError } from '../errors.ts'
import { type JobOutcome, runCase } from './job-cases.contract.ts'

const CASES = 400
/** Generous: a case takes some milliseconds. */
const LIMIT_MS = 20_000

const anyBytes = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
/** Mostly what means something in CSV. */
const oddBytes = fc
  .array(
    fc.constantFrom(
      'x,y\n',
      '1,"2"\r\n',
      'x,y\r',
      '"',
      ',',
      ',',
      '\n',
      '\r',
      '\r\n',
      'a',
      '1',
      '\0',
      '\xff',
      '\xef\xbb\xbf',
      '\xc3',
    ),
    {
      maxLength: 300,
    },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))
const bytes = fc.oneof(anyBytes, oddBytes)

const options = fc.record({
  header: fc.constantFrom<boolean | string[]>(true, false, ['a', 'b'], ['a', 'b']),
  maxRecordBytes: fc.constantFrom(10, 1 << 20),
  pieceBytes: fc.constantFrom(1, 7, 64 * 1024),
  onInvalid: fc.constantFrom<'fail' | 'quarantine'>('quarantine', 'quarantine', 'fail'),
  unique: fc.boolean(),
})

describe('a run over random bytes', () => {
  it('always ends, and every record is either loaded or a dead letter', async () => {
    const seen = { committed: 0, invalid: 0, failed: 0, loaded: 0, rejected: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 3 }), options, async (files, chosen) => {
        const { header, maxRecordBytes, onInvalid, pieceBytes, unique } = chosen
        const rules = unique && Array.isArray(header) ? { uniqueColumns: ['a'] } : {}
        const read = { header, maxRecordBytes, allowEmpty: true }
        const ended = await within(LIMIT_MS, runCase({ files, rules, read, onInvalid, pieceBytes }).catch(failure))
        if (ended instanceof SluiceError) {
          // A header that cannot be read, for instance; never a defect.
          assert.ok(ended.code in ERRORS && ended.code !== 'internal', ended.stack)
          assert.notEqual(ended.code, 'not-conserved')
          seen.failed++
          return
        }
        checkConservation(ended, onInvalid)
        seen[ended.report.status === 'committed' ? 'committed' : 'invalid']++
        seen.loaded += ended.report.rows.loaded
        seen.rejected += ended.report.rows.rejected
      }),
      { numRuns: CASES },
    )
    console.log(`# random bytes: ${JSON.stringify(seen)}`)
    for (const [what, count] of Object.entries(seen)) assert.ok(count > 20, `only ${count} ${what}`)
  })
})

function checkConservation({ report, letters, output }: JobOutcome, onInvalid: 'fail' | 'quarantine'): void {
  const { read, rejected, loaded, filtered } = report.rows
  const rows = letters.filter(({ kind }) => kind === 'row')
  assert.equal(rows.length, rejected)
  assert.equal(new Set(rows.map(({ source, row }) => `${source}:${row}`)).size, rejected, 'each record once')
  assert.equal(filtered, 0)
  if (report.status !== 'committed') {
    assert.deepEqual([onInvalid, output, loaded], ['fail', undefined, 0])
    assert.ok(rejected > 0)
    return
  }
  assert.equal(loaded + rejected, read)
  // As somebody else reads it, without the header that is always written.
  const found = parse(output!, { relax_column_count: true, skip_empty_lines: true })
  assert.equal(Math.max(0, found.length - 1), loaded)
}

function failure(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  throw error
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
