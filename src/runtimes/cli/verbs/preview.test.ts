import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { CUSTOMERS, jobText } from '../testing/customers.ts'
import { ensureBuilt, jsonLines, shell, sluice, workspace } from '../testing/sluice.ts'

describe('sluice preview', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('shows the first rows of a file as a table, null unlike text', async () => {
    using place = workspace({ 'in.csv': 'id,text\n1,\n2,null\n3,"two\nlines"\n4,日本\u001b[31m\n5,x\n' })
    const { code, stdout } = await sluice(['preview', 'in.csv', '-n', '4'], place)
    assert.equal(code, 0)
    assert.equal(
      stdout,
      ['id  text', '──  ──────────────', '1   ∅', '2   null', '3   two\\nlines', '4   日本\\u{1b}[31m', ''].join('\n'),
    )
  })

  it('shows the rows of a job after its transforms', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': CUSTOMERS.replace('ann@', 'ANN@') })
    const { code, stdout, stderr } = await sluice(['preview', 'job.ts', '--json', '-n', '2'], place)
    assert.equal(code, 0)
    assert.deepEqual(jsonLines(stdout), [
      { id: '1', email: 'ann@example.com', name: 'Ann' },
      { id: '1', email: 'cid@example.com', name: 'Cid, Jr' },
    ])
    assert.equal(stderr, '1 faulty row among those read: sluice check says what is wrong.\n')
  })

  it('reads no more than it shows', async () => {
    using place = workspace()
    const endless = 'yes 1,2 | sluice preview - --no-header -n 1 --json'
    const { code, stdout } = await shell(endless, place)
    assert.equal(code, 0)
    assert.equal(stdout, '{"column_1":"1","column_2":"2"}\n')
  })

  it('exits with 4 when the file is not there', async () => {
    using place = workspace()
    const { code, stderr } = await sluice(['preview', 'nope.csv'], place)
    assert.equal(code, 4)
    assert.match(stderr, /^error: Cannot read .*nope\.csv: it does not exist\. Check the path\.\n$/)
  })
})
