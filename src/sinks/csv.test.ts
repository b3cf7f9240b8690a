import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writeCsv } from './csv.ts'

describe('the options of writeCsv', () => {
  const wrong: [object, RegExp][] = [
    [{ lineEnd: 'x' }, /lineEnd must be '\\n' or '\\r\\n'/],
    [{ lineEnds: '\n' }, /no option "lineEnds"; did you mean "lineEnd"\?/],
    [{ delimiter: 5 }, /delimiter must be text/],
    [{ delimiter: '||' }, /delimiter and quote must be two different ASCII characters/],
    [{ delimiter: '"' }, /delimiter and quote must be/],
    [{ header: 'no' }, /header must be true or false/],
    [{ adopt: 1 }, /adopt must be true or false/],
    [{ quoteAll: true }, /no option "quoteAll"; the options are/],
  ]
  for (const [options, message] of wrong) {
    it(`fail with \`job-invalid\`: ${JSON.stringify(options)}`, () => {
      assert.throws(() => writeCsv('out.csv', options), { code: 'job-invalid', message })
    })
  }
})
