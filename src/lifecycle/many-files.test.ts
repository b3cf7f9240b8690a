import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'
import { endOf, startScript } from './testing/children.ts'
import { sandbox } from './testing/sandbox.ts'

const SCRIPT = fileURLToPath(new URL('./testing/memory-run.ts', import.meta.url))

describe('a directory of many files', () => {
  before(ensureBuilt)

  it('is read in memory that hardly grows with their number', async () => {
    const few = await peakOf(100)
    const many = await peakOf(2100)
    console.log(`# ${Math.round(few / 1e6)} MB for 100 files, ${Math.round(many / 1e6)} MB for 2100`)
    // Some 10 KB a file are its ticket, its places in journal and report, and what the collector has not yet collected.
    // A single buffer that stays would be a hundred times as much.
    assert.ok(many - few < 2000 * 32e3, `${few} bytes, then ${many}`)
  })
})

/** Every tenth file has a faulty row, every seventh a duplicate: both kinds of letters are written. */
async function peakOf(files: number): Promise<number> {
  using box = sandbox('many')
  const input = join(box.path, 'in')
  mkdirSync(input)
  for (let file = 0; file < files; file++) {
    const rows = [`${file},Ann,a${file}@example.org`, file % 10 === 0 ? 'x' : `n${file},Bob,b${file}@example.org`]
    if (file % 7 === 0) rows.push(`${file},Cid,c${file}@example.org`)
    writeFileSync(join(input, `${String(file).padStart(5, '0')}.csv`), `id,name,email\n${rows.join('\n')}\n`)
  }
  const run = { input, target: join(box.path, 'out.csv'), state: join(box.path, 'state') }
  const { result } = await endOf(startScript(SCRIPT, run))
  assert.deepEqual([result.status, result.rejected], ['committed', Math.ceil(files / 10) + Math.ceil(files / 7)])
  return result.peak
}
