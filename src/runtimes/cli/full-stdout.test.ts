import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { noDisk, smallDisk } from '../../lifecycle/testing/small-disk.ts'
import { GOOD } from './testing/customers.ts'
import { ensureBuilt, jsonLines, plainLines, shell, workspace } from './testing/sluice.ts'

const skip = existsSync('/dev/full') ? false : 'there is no /dev/full'

describe('a stdout that cannot be written', { concurrency: 2, skip }, () => {
  before(ensureBuilt)

  it('refuses the commit when the data does not fit', async () => {
    using place = workspace({ 'in.csv': GOOD })
    const run = await shell('sluice load in.csv - --run-id r >/dev/full', place)
    assert.equal(run.code, 4)
    assert.match(plainLines(run).at(-1) ?? '', /^error: Nothing was committed: .* the disk was full after .*ENOSPC/)
    assert.deepEqual(readdirSync(join(place.cwd, '.sluice/runs')), [])
    const shown = await shell('sluice runs r --json', place)
    assert.deepEqual(JSON.parse(shown.stdout).error.code, 'disk-full')
  })

  it('keeps the commit, and says so, when only the report does not fit', async () => {
    using place = workspace({ 'in.csv': GOOD })
    const run = await shell('sluice load in.csv out.csv --json --run-id r >/dev/full', place)
    assert.equal(run.code, 0)
    assert.equal(readFileSync(join(place.cwd, 'out.csv'), 'utf8'), GOOD)
    assert.match(
      plainLines(run).join('\n'),
      /^error: The run is committed, but its report could not be written\. .*`sluice runs r --json` shows it\.$/,
    )
  })

  it('fails a command that only shows something', async () => {
    using place = workspace({ 'in.csv': GOOD })
    for (const args of ['runs', 'recover', 'preview in.csv']) {
      const run = await shell(`sluice ${args} >/dev/full`, place)
      assert.equal(run.code, 4, args)
      assert.match(run.stderr, /^error: Cannot write stdout: no space is left on the device/)
    }
  })

  it('is no matter when it is stderr: nobody reads, and the data is committed', async () => {
    using place = workspace({ 'in.csv': GOOD })
    const run = await shell('sluice load in.csv out.csv --json 2>/dev/full', place)
    assert.equal(run.code, 0)
    assert.equal(jsonLines(run.stdout)[0]?.['status'], 'committed')
  })

  it('is told when a small disk takes a part of the data', { skip: noDisk }, async () => {
    using disk = smallDisk('1m')
    using place = workspace({ 'in.csv': `id\n${Array.from({ length: 200_000 }, (_, i) => i).join('\n')}\n` })
    const run = await shell(`sluice load in.csv - >'${disk.path}/out.csv'`, place)
    assert.equal(run.code, 4)
    assert.match(run.stderr, /\nerror: Nothing was committed: .* the disk was full/)
  })
})
