import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { localFileTarget as target } from './local-file-target.ts'
import type { CommitOutcome } from './target.ts'
import { targetAt } from './targets.ts'
import { targetContract } from './testing/target-contract.ts'

targetContract({
  name: 'a local file',
  target,
  location: (directory) => join(directory, 'out.csv'),
  read: (directory) =>
    existsSync(join(directory, 'out.csv')) ? readFileSync(join(directory, 'out.csv'), 'utf8') : null,
  traces: (directory) => readdirSync(directory).filter((name) => name.startsWith('.')),
})

describe('a local file target', () => {
  let directory: string
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-file-')))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('keeps the mode and the owner of what it replaces', async () => {
    const path = join(directory, 'out.csv')
    writeFileSync(path, 'old')
    if (process.getuid?.() === 0) chownSync(path, 1234, 4321)
    chmodSync(path, 0o640)
    const { uid, gid } = statSync(path)
    await put(path, 'new')
    const now = statSync(path)
    assert.deepEqual([now.mode & 0o7777, now.uid, now.gid], [0o640, uid, gid])
  })

  it('replaces the file behind a chain of links, and the links stay', async () => {
    mkdirSync(join(directory, 'real'))
    writeFileSync(join(directory, 'real', 'data.csv'), 'old')
    symlinkSync('real/data.csv', join(directory, 'middle'))
    symlinkSync(join(directory, 'middle'), join(directory, 'link.csv'))
    await put(join(directory, 'link.csv'), 'new')
    assert.equal(readlinkSync(join(directory, 'middle')), 'real/data.csv')
    assert.ok(lstatSync(join(directory, 'link.csv')).isSymbolicLink())
    assert.equal(readFileSync(join(directory, 'real', 'data.csv'), 'utf8'), 'new')
    assert.deepEqual(readdirSync(join(directory, 'real')), ['data.csv'])
  })

  it('creates the file behind a link that leads nowhere yet', async () => {
    symlinkSync('later/data.csv', join(directory, 'link.csv'))
    await put(join(directory, 'link.csv'), 'new')
    assert.equal(readFileSync(join(directory, 'later', 'data.csv'), 'utf8'), 'new')
  })

  it('creates missing directories', async () => {
    await put(join(directory, 'a', 'b', 'out.csv'), 'new')
    assert.equal(readFileSync(join(directory, 'a', 'b', 'out.csv'), 'utf8'), 'new')
  })

  it('takes a single part as it is and copies nothing', async () => {
    const plan = await target.plan(join(directory, 'out.csv'), options('one'))
    await target.open(plan)
    const path = target.partPath(plan, 0)
    writeFileSync(path, 'a\n')
    const { ino } = statSync(path)
    const output = await target.assemble(plan, [{ split: 0, path, rows: 1, bytes: 2, sha256: 'believed' }])
    await target.commit(output)
    assert.equal(statSync(plan.path).ino, ino)
    assert.equal(output.outputs[0]?.sha256, 'believed')
  })

  it('refuses loops of links, directories and special files', async () => {
    symlinkSync('b', join(directory, 'a'))
    symlinkSync('a', join(directory, 'b'))
    await assert.rejects(target.plan(join(directory, 'a'), options('r')), {
      code: 'target-not-writable',
      message: /loop/,
    })
    await assert.rejects(target.plan(directory, options('r')), {
      code: 'target-not-adoptable',
      message: /end the target/,
    })
    await assert.rejects(target.plan('/dev/null', options('r')), {
      code: 'target-not-adoptable',
      message: /no regular/,
    })
  })

  it('leaves the staging of another state directory alone, even of the same run id', async () => {
    const path = join(directory, 'out.csv')
    const mine = await target.plan(path, options('same'))
    await target.open(mine)
    const theirs = await target.plan(path, { ...options('same'), stateDirectory: '/elsewhere' })
    await assert.rejects(target.open(theirs), { code: 'run-id-conflict' })
    await target.abort(theirs)
    assert.ok(existsSync(mine.staging))
  })

  it('never replaces a file that appears where there was none', async () => {
    const path = join(directory, 'out.csv')
    const plan = await target.plan(path, options('one'))
    await target.open(plan)
    const part = target.partPath(plan, 0)
    writeFileSync(part, 'mine')
    const output = await target.assemble(plan, [{ split: 0, path: part, rows: 1, bytes: 4, sha256: '' }])
    writeFileSync(path, 'theirs')
    const outcome = await target.commit(output)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
    assert.equal(readFileSync(path, 'utf8'), 'theirs')
  })

  it('is chosen for paths that are no directory', () => {
    assert.equal(targetAt(join(directory, 'new.csv')).kind, 'local-file')
    assert.equal(targetAt(join(directory, 'new/')).kind, 'local-directory')
    assert.equal(targetAt(directory).kind, 'local-directory')
    assert.equal(targetAt('-').kind, 'stream')
  })

  async function put(path: string, text: string): Promise<CommitOutcome> {
    const plan = await target.plan(path, options('put'))
    await target.open(plan)
    const part = target.partPath(plan, 0)
    writeFileSync(part, text)
    const parts = [{ split: 0, path: part, rows: 1, bytes: text.length, sha256: '' }]
    const outcome = await target.commit(await target.assemble(plan, parts))
    await target.release(plan)
    return outcome
  }

  function options(runId: string) {
    return { runId, stateDirectory: join(directory, 'state'), scratch: join(directory, 'scratch') }
  }
})
