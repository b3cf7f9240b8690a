import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { PIECE_SIZES, readText } from './csv-reading.contract.ts'

/** Ways to spoil one line of three cells, the second one in quotes. None of them ends in a valid record of three. */
const POLLUTIONS: Record<string, (cells: readonly [string, string, string]) => string> = {
  'a quote that opens the first cell': ([a, b, c]) => `"${a},"${b}",${c}`,
  'a quote inside a plain cell': ([a, b, c]) => `${a.slice(0, 2)}"${a.slice(2)},"${b}",${c}`,
  'a quote behind a plain cell': ([a, b, c]) => `${a}","${b}",${c}`,
  'a missing closing quote': ([a, b, c]) => `${a},"${b},${c}`,
  'a missing opening quote': ([a, b, c]) => `${a},${b}",${c}`,
  'a single quote inside quotes': ([a, b, c]) => `${a},"${b.slice(0, 2)}"${b.slice(2)}",${c}`,
  'text behind a closing quote': ([a, b, c]) => `${a},"${b}" ,${c}`,
  'text before an opening quote': ([a, b, c]) => `${a}, "${b}",${c}`,
  'a quote that opens the last cell': ([a, b, c]) => `${a},"${b}","${c}`,
  'a quote at the end of the line': ([a, b, c]) => `${a},"${b}",${c}"`,
  'an extra delimiter': ([a, b, c]) => `${a},"${b}",${c},`,
  'a missing cell': ([a, b]) => `${a},"${b}"`,
  'a line without text': () => '',
  'the header again': () => 'id,name,note',
}

const word = fc.constantFrom('abc', 'Zoë Müller', 'x-1', '0012', 'né à Paris')
const rows = fc.array(fc.tuple(word, word, word), { minLength: 2, maxLength: 30 })

describe('a polluted record', () => {
  for (const [name, pollute] of Object.entries(POLLUTIONS)) {
    it(`alone is rejected, with its number: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, fc.nat(), fc.constantFrom('\n', '\r\n', '\r'), async (rows, at, end) => {
          // The last line may be blank: then it is no record.
          const polluted = at % (rows.length - 1)
          const lines = rows.map((cells, row) =>
            row === polluted ? pollute(cells) : `${cells[0]},"${cells[1]}",${cells[2]}`,
          )
          const text = Buffer.from(`id,name,note${end}${lines.join(end)}`)
          const good = rows.filter((_, row) => row !== polluted)
          for (const pieceBytes of PIECE_SIZES) {
            const found = await readText(text, {}, pieceBytes)
            assert.ok(!('error' in found))
            const bad = found.records.filter(({ kind }) => kind !== 'row')
            assert.deepEqual(
              bad.map(({ ordinal, line, raw }) => ({ ordinal, line, raw })),
              [{ ordinal: polluted, line: polluted + 2, raw: Buffer.from(lines[polluted]!).toString('latin1') }],
            )
            assert.deepEqual(
              found.records.flatMap(({ kind, cells }) => (kind === 'row' ? [cells] : [])),
              good,
            )
          }
        }),
        { numRuns: 150 },
      )
    })
  }
})
