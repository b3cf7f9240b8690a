import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { csvText, type JobCase, type JobOutcome, runCase } from './job-cases.contract.ts'
import {
  COLUMNS,
  cellsOf,
  foundVerdicts,
  modelVerdicts,
  RULES,
  type UniqueRow,
  type Verdict,
} from './uniqueness.contract.ts'

const MIB = 1 << 20

/** Runs a case with the model's answer at hand: verdicts, good rows in order, both named. */
async function check(
  files: readonly (readonly UniqueRow[])[],
  options: Pick<JobCase, 'onInvalid' | 'memoryBudget' | 'alone'> = {},
): Promise<JobOutcome> {
  const { onInvalid = 'quarantine' } = options
  const texts = files.map((rows) => csvText(COLUMNS, rows.map(cellsOf)))
  const outcome = await runCase({ files: texts, rules: RULES as never, ...options })
  const expected = modelVerdicts(files)
  const found = foundVerdicts(outcome)
  const order = [...expected].sort(([x], [y]) => byPlace(x, y))
  assertSame([...found], order)
  if (onInvalid === 'fail' && expected.size > 0) {
    assert.equal(outcome.output, undefined)
    return outcome
  }
  const good = files.flatMap((rows, file) =>
    rows.map(cellsOf).filter((_, index) => !expected.has(`${file}:${index + 1}`)),
  )
  assert.ok(outcome.output === csvText(COLUMNS, good).toString(), 'the good rows, in order')
  return outcome
}

/** Of hundreds of thousands the first difference is enough; showing them all takes minutes. */
function assertSame(found: readonly (readonly [string, Verdict])[], expected: typeof found): void {
  const at = expected.findIndex((one, index) => JSON.stringify(one) !== JSON.stringify(found[index]))
  if (at >= 0) assert.deepEqual(found[at], expected[at])
  assert.equal(found.length, expected.length)
}

function byPlace(x: string, y: string): number {
  const [[f, r], [g, s]] = [x, y].map((place) => place.split(':').map(Number)) as [[number, number], [number, number]]
  return f - g || r - s
}

const key = fc.option(fc.constantFrom('1', '2', '3', 'x"y', 'x"z', 'é', 'a,b', 'line\nline', '\u2028'), {
  nil: null,
  freq: 4,
})
const row: fc.Arbitrary<UniqueRow> = fc.record(
  { id: key, a: key, b: key, bad: fc.constantFrom('rule', 'structure') },
  { requiredKeys: ['id', 'a', 'b'] },
)
const file = fc.array(row, { minLength: 1, maxLength: 12 })

describe('uniqueness', () => {
  it('names both rows of every duplicate in one file, when it quarantines and when it fails', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.constantFrom('fail', 'quarantine'), async (rows, onInvalid) => {
        await check([rows], { onInvalid })
      }),
      { numRuns: 150 },
    )
  })

  it('holds over the files of a directory, where the first file wins', async () => {
    const files = fc.array(file, { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(files, async (files) => void (await check(files))),
      { numRuns: 100 },
    )
  })

  it('takes composite keys for different that differ in a cell with doubled quotes only', async () => {
    const rows = ['y', 'z', 'y'].map((end, index) => ({ id: `${index}`, a: 'same', b: `x"${end}` }))
    await check([rows])
  })

  it('gives the memory of each file back, so that there may be many', async () => {
    const files = Array.from({ length: 120 }, (_, file) => [{ id: `${file % 100}`, a: null, b: null }])
    await check(files, { memoryBudget: 16 * MIB })
  })

  it('keeps separators of lines and paragraphs in letters that the judge adds to', async () => {
    const odd = '\u2028 and \u2029'
    await check([
      [
        { id: odd, a: null, b: null, bad: 'rule' },
        { id: odd, a: null, b: null },
        { id: odd, a: null, b: null },
      ],
    ])
  })
})

describe('uniqueness of a million rows', () => {
  /** Rows with planted duplicates, nulls and rejects, the same at every call. */
  function rows(count: number, everyDuplicate: number): readonly UniqueRow[] {
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
      return (seed >>> 4) % below
    }
    return Array.from({ length: count }, (_, index): UniqueRow => {
      const old = index > 0 && random(everyDuplicate) === 0
      const number = old ? random(index) : index
      const bad = random(1000) === 0 ? 'rule' : random(1000) === 0 ? 'structure' : undefined
      const id = random(500) === 0 ? null : `customer-${number}`
      return { id, a: `a${number % 1000}`, b: old ? `${random(count)}` : `b${index}`, ...(bad ? { bad } : {}) }
    })
  }

  for (const memoryBudget of [MIB, 256 * MIB]) {
    it(`gives the verdict of a plain map with a budget of ${memoryBudget / MIB} MiB`, async () => {
      const all = rows(1_000_000, 500)
      const { dumps } = await check([all.slice(0, 600_000), all.slice(600_000)], { memoryBudget, alone: true })
      // Each of the two rules has half of the budget, of which half is for what is being written.
      if (memoryBudget === MIB) assert.ok(dumps.length === 2 && dumps.every((count) => count > 50), `${dumps}`)
      else assert.deepEqual(dumps, [2, 2], 'nothing is spilled: what a split holds is written once, at its end')
    })
  }

  it('gives the verdict of a plain map when a few keys are in so many rows that they are searched in turns', async () => {
    const few = Array.from({ length: 300_000 }, (_, index): UniqueRow => {
      const bad = index % 1000 < 3 ? 'rule' : undefined
      return { id: `key-${(index * 7) % 8}`, a: `a${index % 4}`, b: `b${index % 2}`, ...(bad ? { bad } : {}) }
    })
    await check([few], { memoryBudget: MIB, alone: true })
  })

  it('gives the verdict of a plain map, in bounded memory, when half of the rows are duplicates', async () => {
    const { report } = await check([rows(1_000_000, 2)], { memoryBudget: MIB, alone: true })
    const { peak_rss_bytes: peak } = JSON.parse(JSON.stringify(report)) as { peak_rss_bytes: number }
    assert.ok(peak < 300 * MIB, `${peak} bytes`)
  })
})
