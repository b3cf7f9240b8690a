import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writeParquet } from './parquet.ts'

describe('the options of writeParquet', () => {
  const wrong: [object, RegExp][] = [
    [{ compression: 'snappy' }, /compression must be "zstd" or "gzip" or "none"/],
    [{ rowGroupRows: 0 }, /rowGroupRows must be a whole number from 1/],
    [{ rowGroupBytes: 1e12 }, /rowGroupBytes must be a whole number from 1 to 268435456/],
    [{ fileBytes: '1' }, /fileBytes must be a whole number/],
    [{ adopt: 1 }, /adopt must be true or false/],
    [{ rowGroupSize: 5 }, /no option "rowGroupSize"/],
  ]
  for (const [options, message] of wrong) {
    it(`fail with \`job-invalid\`: ${JSON.stringify(options)}`, () => {
      assert.throws(() => writeParquet('out.parquet', options), { code: 'job-invalid', message })
    })
  }

  it('are a part of what the job is', () => {
    const { description, extension } = writeParquet('out/', { compression: 'none' })
    assert.deepEqual([description, extension], [{ type: 'parquet', path: 'out/', compression: 'none' }, '.parquet'])
  })
})
