import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readCsv } from '../index.ts'

describe('the options of readCsv', () => {
  it('may be all there are', () => {
    const schema = z.object({ id: z.string() })
    readCsv('in.csv', { delimiter: '||', quote: false, escape: '\\', comment: '#', encoding: 'latin1', schema })
    readCsv('in.csv', { header: ['a'], skipLines: 2, missingValues: [''], maxRecordBytes: 1, allowEmpty: true })
  })

  const wrong: [object, RegExp][] = [
    [{ delimeter: ';' }, /no option "delimeter"; did you mean "delimiter"\?/],
    [{ shema: {} }, /did you mean "schema"\?/],
    [{ delimiter: 5 }, /delimiter must be text/],
    [{ delimiter: '' }, /delimiter must be text/],
    [{ quote: true }, /quote must be one ASCII character, or false/],
    [{ quote: '""' }, /quote must be one ASCII character/],
    [{ comment: '' }, /comment must be text/],
    [{ encoding: 'klingon' }, /encoding must be a label/],
    [{ header: [] }, /header must be true, false or an array/],
    [{ header: ['a', 'a'] }, /header must be/],
    [{ header: 'a,b' }, /header must be/],
    [{ skipLines: -1 }, /skipLines must be a whole number from 0/],
    [{ skipLines: '2' }, /skipLines must be/],
    [{ maxRecordBytes: 0 }, /maxRecordBytes must be a whole number from 1/],
    [{ maxRecordBytes: 2 ** 31 }, /maxRecordBytes must be a whole number from 1 to 268435456/],
    [{ missingValues: 'NA' }, /missingValues must be an array/],
    [{ allowEmpty: 1 }, /allowEmpty must be true or false/],
    [{ schema: { id: 'string' } }, /schema must be a zod object/],
    [{ schema: z.string() }, /schema must be a zod object/],
    [{ schema: z.object({}).transform((row) => row) }, /schema must be a zod object/],
  ]
  for (const [options, message] of wrong) {
    it(`fail with \`job-invalid\`: ${Object.keys(options)[0]} ${message}`, () => {
      assert.throws(() => readCsv('in.csv', options), { code: 'job-invalid', message })
    })
  }
})
