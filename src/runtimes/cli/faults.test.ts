import assert from 'node:assert/strict'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { leftovers, powerless, readTarget, unsettled } from '../../lifecycle/testing/sandbox.ts'
import { fillDisk, makeReadOnly, noDisk, noPermissions, smallDisk } from '../../lifecycle/testing/small-disk.ts'
import { GOOD, jobText } from './testing/customers.ts'
import { ensureBuilt, type SluiceOptions, sluice, workspace } from './testing/sluice.ts'

const LOAD = ['--json', '--on-invalid', 'quarantine', '--unique', 'id', '--run-id', 'r']

describe('a missing input', { concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const args of [
    'run job.ts',
    'check job.ts',
    'preview job.ts',
    'load in.csv out.csv',
    'load in.csv -',
    'load in/ out/',
    'preview in.csv',
  ]) {
    it(`is told in one clear line, and nothing is written: sluice ${args}`, async () => {
      using place = workspace({ 'job.ts': jobText() })
      const { code, stdout, stderr } = await sluice(args.split(' '), place)
      const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
      const told = lines.filter((line) => /^\s*error\b/.test(line))
      assert.equal(code, 4, stderr)
      assert.equal(told.length, 1, lines.join('\n'))
      assert.match(told[0]!, /\bin(\.csv)?\b.*(no such file|does not exist|not there)/i)
      assert.ok(!lines.some((line) => /^\s+at /.test(line)), 'no stack')
      assert.deepEqual(visible(place.cwd), ['job.ts'])
    })
  }
})

describe('a disk that is full', { skip: noDisk, concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const target of ['out.csv', 'out/']) {
    it(`while rows are staged for ${target} ends with 4 and leaves the old data`, async () => {
      const { error } = await failOn(target, { 'in.csv': rowsText(0, 300_000) }, 'in.csv')
      assert.match(error.message, /part|\.csv|split|0000/)
    })

    it(`while duplicates are cut out for ${target} ends with 4 and leaves the old data`, async () => {
      const text = `${rowsText(0, 130_000)}5,again\n`
      const { error } = await failOn(target, { 'in.csv': text }, 'in.csv')
      assert.match(error.message, /\.cut: no space/)
    })
  }

  it('while parts are put together to a file ends with 4 and leaves the old data', async () => {
    const files = { 'in/a.csv': rowsText(0, 70_000), 'in/b.csv': rowsText(70_000, 70_000) }
    const { error, disk } = await failOn('out.csv', files, 'in/')
    assert.match(error.message, new RegExp(`${disk}/.out.csv.sluice-r(/whole)?: no space`))
  })

  it('under --dlq loses no letter: the run fails, or commits and recovery delivers', async () => {
    using disk = smallDisk('1m')
    using place = workspace({ 'in.csv': `${rowsText(0, 2000)}5,again\n7,again\n` })
    fillDisk(disk.path)
    const dlq = join(disk.path, 'dead', 'letters.jsonl')
    const { code, stdout, stderr } = await sluice(['load', 'in.csv', 'out.csv', ...LOAD, '--dlq', dlq], place)
    const report = JSON.parse(stdout)
    const committed = existsSync(join(place.cwd, 'out.csv'))
    assert.equal(code, committed ? 5 : 4, stderr)
    assert.equal(report.status, committed ? 'committed' : 'failed')
    assert.ok(`${stderr}${JSON.stringify(report)}`.includes(dlq), 'the path is named')
    assert.deepEqual(
      leftovers(place.cwd).filter((name) => name !== '.sluice'),
      [],
    )
    rmSync(join(disk.path, 'filler'))
    const recovered = await sluice(['recover', '--json'], place)
    assert.equal(recovered.code, 0, recovered.stderr)
    assert.deepEqual(unsettled(join(place.cwd, '.sluice')), [])
    const letters = existsSync(dlq) ? readFileSync(dlq, 'utf8').split('\n').slice(0, -1) : []
    const kinds = letters.map((line) => JSON.parse(line).kind)
    assert.deepEqual(kinds.filter((kind) => kind === 'row').length, committed ? 2 : 0)
  })
})

describe('a target that cannot be written', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('for it is on a read-only disk ends with 4 and names the path', { skip: noDisk }, async () => {
    using disk = smallDisk('1m')
    using place = workspace({ 'in.csv': GOOD })
    writeFileSync(join(disk.path, 'old.csv'), 'old')
    makeReadOnly(disk.path)
    for (const target of ['new.csv', 'new/', 'old.csv', 'a/b.csv']) {
      await refuse(['load', 'in.csv', join(disk.path, target)], place, disk.path, /read-only/)
    }
    assert.equal(readFileSync(join(disk.path, 'old.csv'), 'utf8'), 'old')
  })

  it('for want of permission ends with 4 and names the path', { skip: noPermissions }, async () => {
    using place = workspace({ 'in.csv': GOOD })
    mkdirSync(join(place.cwd, 'closed'), { mode: 0o555 })
    writeFileSync(join(place.cwd, 'closed.csv'), 'old', { mode: 0o444 })
    const without = { ...place, before: powerless() }
    for (const target of ['closed/out.csv', 'closed/out/', 'closed/new/out.csv', 'closed.csv']) {
      await refuse(['load', 'in.csv', target], without, 'closed', /permission denied/)
    }
    await refuse(['load', 'in.csv', 'out.csv', '--state', 'closed/state'], without, 'closed', /permission denied/)
    assert.equal(readFileSync(join(place.cwd, 'closed.csv'), 'utf8'), 'old')
    assert.deepEqual(readdirSync(join(place.cwd, 'closed')), [])
    assert.deepEqual(visible(place.cwd), ['closed', 'closed.csv', 'in.csv'])
  })

  it('for a part of its path is a file ends with 4 and names the path', async () => {
    using place = workspace({ 'in.csv': GOOD, file: 'theirs' })
    for (const target of ['file/out.csv', 'file/out/']) {
      await refuse(['load', 'in.csv', target], place, 'file', /is a file, not a directory/)
    }
    assert.deepEqual(visible(place.cwd), ['file', 'in.csv'])
  })
})

/** Loads onto a disk of 4 MB that holds what is staged, but not a copy of it. */
async function failOn(target: string, files: Readonly<Record<string, string>>, from: string) {
  using disk = smallDisk('4m')
  using place = workspace({ 'old.csv': GOOD })
  mkdirSync(join(place.cwd, 'in'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place.cwd, name), text)
  const path = join(disk.path, target)
  assert.equal((await sluice(['load', 'old.csv', path, '--run-id', 'old'], place)).code, 0)
  const old = readTarget(path)
  const { code, stdout, stderr } = await sluice(['load', from, path, ...LOAD], place)
  const { status, error, rows } = JSON.parse(stdout)
  assert.deepEqual([code, status, error.code, rows.loaded], [4, 'failed', 'disk-full', 0], stderr)
  assert.ok(error.message.includes(disk.path), error.message)
  assert.equal(readTarget(path), old)
  assert.deepEqual([...leftovers(disk.path, ['old']), ...unsettled(join(place.cwd, '.sluice'))], [])
  return { error: error as { readonly message: string }, disk: disk.path }
}

async function refuse(args: readonly string[], place: SluiceOptions, path: string, reason: RegExp): Promise<void> {
  const { code, stdout, stderr } = await sluice([...args, '--json'], place)
  const { status, error } = JSON.parse(stdout)
  assert.deepEqual([code, status, error.code], [4, 'failed', 'target-not-writable'], `${args}: ${stderr}`)
  assert.ok(error.message.includes(path), error.message)
  assert.match(error.message, reason)
}

function rowsText(first: number, rows: number): string {
  return `id,text\n${Array.from({ length: rows }, (_, row) => `${first + row},row of some length\n`).join('')}`
}

function visible(cwd: string): string[] {
  return globSync('*', { cwd }).sort()
}
