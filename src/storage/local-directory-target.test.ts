import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { localDirectoryTarget as target } from './local-directory-target.ts'
import type { PreparedOutput } from './target.ts'
import { targetContract } from './testing/target-contract.ts'

targetContract({
  name: 'a local directory',
  target,
  location: (directory) => join(directory, 'out/'),
  read: (directory) => read(join(directory, 'out')),
  traces: (directory) => {
    const versions = readdirSync(directory).filter((name) => name.endsWith('.versions'))
    const within = versions.flatMap((name) => readdirSync(join(directory, name)))
    const beside = readdirSync(directory).filter((name) => name.startsWith('.') && !name.endsWith('.versions'))
    return [...beside, ...within.filter((name) => /~(run\.json|replaced\.json|link)$|\.cut$/.test(name))]
  },
})

describe('a local directory target', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-directory-')))
    path = join(directory, 'out')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('is a relative link to the version of the run, so that the parent can be moved', async () => {
    await put('one', 'a')
    assert.equal(readlinkSync(path), '.out.versions/one')
    renameSync(directory, `${directory}-moved`)
    assert.equal(read(join(`${directory}-moved`, 'out')), 'a')
    renameSync(`${directory}-moved`, directory)
  })

  it('keeps the version before, so that its readers can finish, and no older one', async () => {
    await put('one', 'a')
    const reader = realpathSync(path)
    await put('two', 'b')
    assert.equal(read(reader), 'a')
    await put('three', 'c')
    assert.deepEqual(readdirSync(join(directory, '.out.versions')), ['three', 'two'])
  })

  it('never takes the staging of another run for an old version', async () => {
    await put('one', 'a')
    const other = await prepare('other', 'x')
    await put('two', 'b')
    await put('three', 'c')
    assert.ok(existsSync(other.staged))
  })

  it('refuses a directory that it did not write and says what to do', async () => {
    mkdirSync(path)
    writeFileSync(join(path, 'theirs.txt'), 'x')
    await assert.rejects(target.plan(path, options('r')), {
      code: 'target-not-adoptable',
      exitCode: 2,
      message: /theirs\.txt: set `adopt: true`/,
    })
    assert.deepEqual(readdirSync(directory), ['out'])
  })

  it('puts an adopted directory aside as the version before', async () => {
    mkdirSync(path)
    writeFileSync(join(path, 'theirs.txt'), 'x')
    await put('one', 'a', true)
    assert.equal(read(path), 'a')
    assert.equal(read(join(directory, '.out.versions', '~adopted-one')), 'x')
    await put('two', 'b')
    assert.deepEqual(readdirSync(join(directory, '.out.versions')), ['one', 'two'])
  })

  it('replaces an empty directory, but not one that got files in the meantime', async () => {
    mkdirSync(path)
    const output = await prepare('one', 'a')
    writeFileSync(join(path, 'theirs.txt'), 'x')
    const outcome = await target.commit(output)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
    await target.abort(output.plan)
    assert.deepEqual(readdirSync(directory), ['out'])
    rmSync(join(path, 'theirs.txt'))
    await put('two', 'b')
    assert.equal(read(path), 'b')
  })

  it('refuses a file in its place', async () => {
    writeFileSync(path, 'file')
    await assert.rejects(target.plan(`${path}/`, options('r')), { code: 'target-not-adoptable', message: /is a file/ })
  })

  it('follows a link to a directory elsewhere, and that link stays', async () => {
    mkdirSync(join(directory, 'big'))
    symlinkSync('big', path)
    await put('one', 'a')
    await put('two', 'b')
    assert.equal(readlinkSync(path), 'big')
    assert.ok(lstatSync(join(directory, 'big')).isSymbolicLink())
    assert.equal(read(path), 'b')
  })

  it('publishes the parts of the output and nothing that an earlier attempt left', async () => {
    const plan = await target.plan(path, options('one'))
    await target.open(plan)
    for (const split of [0, 1, 2]) writeFileSync(target.partPath(plan, split), 'stale')
    const part = target.partPath(plan, 0)
    await target.commit(await target.assemble(plan, [{ split: 0, path: part, rows: 1, bytes: 5, sha256: '' }]))
    assert.deepEqual(readdirSync(path), ['part-00000.csv'])
  })

  it('refuses a run id whose version is there, and keeps that version', async () => {
    await put('one', 'a')
    const plan = await target.plan(path, { ...options('one'), stateDirectory: '/elsewhere' })
    await assert.rejects(target.open(plan), { code: 'run-id-conflict' })
    await target.abort(plan)
    assert.equal(read(path), 'a')
  })

  async function prepare(runId: string, text: string, adopt = false): Promise<PreparedOutput> {
    const plan = await target.plan(path, { ...options(runId), adopt })
    await target.open(plan)
    const part = target.partPath(plan, 0)
    writeFileSync(part, text)
    return target.assemble(plan, [{ split: 0, path: part, rows: 1, bytes: text.length, sha256: '' }])
  }

  async function put(runId: string, text: string, adopt = false): Promise<void> {
    const output = await prepare(runId, text, adopt)
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    await target.release(output.plan)
  }

  function options(runId: string) {
    return { runId, stateDirectory: join(directory, 'state'), scratch: join(directory, 'scratch'), extension: '.csv' }
  }
})

function read(path: string): string | null {
  if (!existsSync(path)) return null
  const names = readdirSync(path).sort()
  return names.map((name) => readFileSync(join(path, name), 'utf8')).join('')
}
