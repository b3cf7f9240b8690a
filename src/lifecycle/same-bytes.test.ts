import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { SeededRandom } from '../../fixtures/seeded-random.ts'
import { cleanEmail } from '../transforms/clean-email.ts'
import { type JobCase, type JobOutcome, runCase } from './job-cases.contract.ts'

const PIECES = [1, 2, 3, 7, 64 * 1024]

const CELLS = ['Zoë', '"Müller, J."', '"two\r\nlines"', '"say ""hi"""', '', ' x ', '€', '\0', '"\r"', '"\u2028"']
const EMAILS = [' Ann@Example.COM ', 'bob@example.com', '"Carl@Example.com"', 'no mail', '', 'zoë@exämple.com']
const BAD = ['1,2', 'a,b,c,d', '', 'x"y,b,c', '"open,b,c', '"a"b,c,d', 'id,email,name', '1,\xff,x']
const good = fc
  .tuple(fc.nat({ max: 30 }), fc.constantFrom(...EMAILS), fc.constantFrom(...CELLS))
  .map((all) => all.join(','))
const bad = fc.constantFrom(...BAD)
const records = fc.array(fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: bad }), { minLength: 1 })
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

const rules: JobCase['rules'] = {
  requiredColumns: ['email'],
  uniqueColumns: ['id', ['email', 'name']],
  stringPatterns: { email: /[^@ ]+@[^@ ]+/ },
}

/** By which about half of a large text is loaded. */
const largeRules: JobCase['rules'] = { ...rules, uniqueColumns: ['id'] }

/** All that a run leaves, but for the instant at which it ran. */
function traces({ output, letterText }: JobOutcome): { output: string | undefined; letters: string } {
  return { output, letters: letterText.replaceAll(/"rejected_at":"[^"]*"/g, '') }
}

/** `\xff` stands for a byte that is no UTF-8. */
function bytesOf(text: string): Buffer {
  return Buffer.from(Buffer.from(text).toString('latin1').replaceAll('\xc3\xbf', '\xff'), 'latin1')
}

async function check(
  files: readonly Buffer[],
  options: Partial<JobCase>,
  pieces: readonly number[] = PIECES,
): Promise<JobOutcome> {
  // Of a text without any row as well: blank lines are none.
  const read = { allowEmpty: true }
  const run = (pieceBytes: number) => runCase({ files, rules, pieceBytes, read, ...options })
  const whole = await run(512 * 1024)
  for (const pieceBytes of pieces) assertSame(await run(pieceBytes), whole, `pieces of ${pieceBytes} bytes`)
  return whole
}

/** Of long texts a difference would take minutes to show: where it begins is enough. */
function assertSame(one: JobOutcome, other: JobOutcome, what: string): void {
  const [a, b] = [traces(one), traces(other)]
  for (const key of ['output', 'letters'] as const) {
    const [x = 'none', y = 'none'] = [a[key], b[key]]
    if (x === y) continue
    let at = 0
    while (x[at] === y[at]) at++
    assert.equal(x.slice(at - 40, at + 40), y.slice(at - 40, at + 40), `${what}: the ${key} differ at ${at}`)
  }
}

/** A text of about so many bytes, of all kinds of records, the same for the same seed. */
function largeText(bytes: number, seed: number, end: string): Buffer {
  const random = new SeededRandom(seed)
  const lines = ['id,email,name']
  for (let length = 0; length < bytes; length += lines.at(-1)!.length + 1) {
    if (random.chance(4)) lines.push(random.pick(BAD))
    else lines.push([random.below(bytes >>> 4), random.pick(EMAILS), random.pick(CELLS)].join(','))
  }
  return bytesOf(lines.join(end))
}

const clean: NonNullable<JobCase['transform']> = (rows) => rows.withColumn('email', cleanEmail() as never)

describe('the same input', () => {
  it('gives the same output and the same dead letters, byte for byte, whatever the pieces', async () => {
    const options = fc.record({
      onInvalid: fc.constantFrom<'fail' | 'quarantine'>('quarantine', 'quarantine', 'fail'),
      transform: fc.constantFrom(clean, undefined),
    })
    await fc.assert(
      fc.asyncProperty(records, lineEnd, options, async (records, end, { transform, ...options }) => {
        const text = bytesOf(['id,email,name', ...records].join(end))
        await check([text], transform === undefined ? options : { ...options, transform })
      }),
      { numRuns: 15 },
    )
  })

  for (const target of ['file', 'directory'] as const) {
    it(`of some hundred kilobytes in several files gives the same ${target}, whatever the pieces`, async () => {
      for (const [seed, end] of ['\n', '\r\n', '\r'].entries()) {
        const files = [200_000, 300_000, 1000].map((bytes, file) => largeText(bytes, seed * 10 + file, end))
        for (const options of [{ transform: clean }, {}]) {
          const { report, output } = await check(files, { target, rules: largeRules, ...options }, [
            997,
            64 * 1024,
            100_000,
          ])
          assert.ok(report.rows.rejected > 500 && report.rows.loaded > 5000)
          assert.ok(target === 'file' || output!.startsWith('part-00000.csv:\n'), output!.slice(0, 100))
        }
      }
    })

    it(`gives the same ${target} and the same digests with the thread for I/O as without`, async () => {
      let threads = 0
      // The loader of TypeScript has workers as well, but none that is kept so small.
      const count = ({ resourceLimits }: Worker) => {
        if (resourceLimits?.stackSizeMb === 1) threads++
      }
      process.on('worker', count)
      const files = [3_000_000, 1_000_000].map((bytes, file) => largeText(bytes, 77 + file, '\n'))
      for (const pieceBytes of [64 * 1024, 512 * 1024]) {
        const common = { files, rules: largeRules, target, pieceBytes, transform: clean }
        const pooled = await runCase({ ...common, plannedBytes: 0 })
        assert.equal(threads, 0, 'without the thread')
        const threaded = await runCase({ ...common, plannedBytes: 1 << 30 })
        assert.equal(threads, 1, 'with the thread')
        threads = 0
        assertSame(threaded, pooled, 'with the thread')
        assert.deepEqual(digestsOf(threaded), digestsOf(pooled))
        assert.deepEqual(digestsOf(threaded).source, files.map(sha256))
        if (target === 'file') assert.deepEqual(digestsOf(threaded).outputs, [sha256(threaded.output!)])
      }
      process.off('worker', count)
    })
  }

  it('gives untouched cells as they stood, and every rejected record with its raw bytes', async () => {
    const lines = [
      'id,email,name',
      '1,a@b.cc,"say ""hi"""',
      '2,,x',
      '3,c@d.ee,"two\r\nlines"',
      '1,e@f.gg,Zoë',
      'x"y,b,c',
    ]
    const { output, letters } = await check([Buffer.from(lines.join('\r\n'))], {})
    assert.equal(output, `${[lines[0], lines[1], lines[3]].join('\n')}\n`)
    assert.deepEqual(
      letters.map(({ row, line, raw, byte_offset: at }) => [row, line, raw, at]),
      [2, 4, 5].map((record) => {
        const before = Buffer.byteLength(`${lines.slice(0, record).join('\r\n')}\r\n`)
        return [record, record + 1 + (record > 3 ? 1 : 0), lines[record], before]
      }),
    )
  })
})

function digestsOf({ report }: JobOutcome): { readonly source: unknown[]; readonly outputs: unknown[] } {
  const { source, outputs } = JSON.parse(JSON.stringify(report))
  const digest = (file: { readonly sha256: string }) => file.sha256
  return { source: source.map(digest), outputs: outputs.map(digest) }
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
