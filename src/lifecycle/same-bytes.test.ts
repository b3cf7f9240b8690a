import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cleanEmail } from '../transforms/clean-email.ts'
import { type JobCase, type JobOutcome, runCase } from './job-cases.contract.ts'

const PIECES = [1, 2, 3, 7, 64 * 1024]

const cells = fc.constantFrom(
  'Zoë',
  '"Müller, J."',
  '"two\r\nlines"',
  '"say ""hi"""',
  '',
  ' x ',
  '€',
  '\0',
  '"\r"',
  '"\u2028"',
)
const email = fc.constantFrom(
  ' Ann@Example.COM ',
  'bob@example.com',
  '"Carl@Example.com"',
  'no mail',
  '',
  'zoë@exämple.com',
)
const good = fc.tuple(fc.nat({ max: 30 }), email, cells).map((all) => all.join(','))
const bad = fc.constantFrom('1,2', 'a,b,c,d', '', 'x"y,b,c', '"open,b,c', '"a"b,c,d', 'id,email,name', '1,\xff,x')
const records = fc.array(fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: bad }), { minLength: 1 })
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

const rules: JobCase['rules'] = {
  requiredColumns: ['email'],
  uniqueColumns: ['id', ['email', 'name']],
  stringPatterns: { email: /[^@ ]+@[^@ ]+/ },
}

/** All that a run leaves, but for the instant at which it ran. */
function traces({ output, letterText }: JobOutcome): { output: string | undefined; letters: string } {
  return { output, letters: letterText.replaceAll(/"rejected_at":"[^"]*"/g, '') }
}

/** `\xff` stands for a byte that is no UTF-8. */
function bytesOf(text: string): Buffer {
  return Buffer.from(Buffer.from(text).toString('latin1').replaceAll('\xc3\xbf', '\xff'), 'latin1')
}

async function check(text: Buffer, options: Partial<JobCase>): Promise<JobOutcome> {
  const run = (pieceBytes: number) => runCase({ files: [text], rules, pieceBytes, ...options })
  const whole = await run(512 * 1024)
  for (const pieceBytes of PIECES) assert.deepEqual(traces(await run(pieceBytes)), traces(whole))
  return whole
}

describe('the same input', () => {
  it('gives the same output and the same dead letters, byte for byte, whatever the pieces', async () => {
    const transform: JobCase['transform'] = (rows) => rows.withColumn('email', cleanEmail() as never)
    const options = fc.record({
      onInvalid: fc.constantFrom<'fail' | 'quarantine'>('quarantine', 'quarantine', 'fail'),
      transform: fc.constantFrom(transform, undefined),
    })
    await fc.assert(
      fc.asyncProperty(records, lineEnd, options, async (records, end, { transform, ...options }) => {
        const text = bytesOf(['id,email,name', ...records].join(end))
        await check(text, transform === undefined ? options : { ...options, transform })
      }),
      { numRuns: 15 },
    )
  })

  it('gives untouched cells as they stood, and every rejected record with its raw bytes', async () => {
    const lines = [
      'id,email,name',
      '1,a@b.cc,"say ""hi"""',
      '2,,x',
      '3,c@d.ee,"two\r\nlines"',
      '1,e@f.gg,Zoë',
      'x"y,b,c',
    ]
    const { output, letters } = await check(Buffer.from(lines.join('\r\n')), {})
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
