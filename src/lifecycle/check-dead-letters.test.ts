import assert from 'node:assert/strict'
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

const ROWS = 'id\n1\n\n2\n'

/** Where dead letters must not go, and why. `*.csv` are files of rows, `out/` has a version, `data/` is a plain directory. */
const REFUSED: readonly (readonly [letters: string, to: string, why: RegExp, from?: string])[] = [
  ['in.csv', 'new.csv', /in\.csv is the source; name another file/],
  ['link.csv', 'new.csv', /link\.csv is the source/],
  ['hard.csv', 'new.csv', /hard\.csv is the source/],
  ['data/new.jsonl', 'new.csv', /lies in the directory that is read/, 'data'],
  ['missing.csv', 'new.csv', /missing\.csv is the source/, 'missing.csv'],
  ['new.csv', 'new.csv', /new\.csv is the target/],
  ['old.csv', 'old.csv', /old\.csv is the target/],
  ['out/bad.jsonl', 'out/', /lies in the target, which is replaced/],
  ['.out.versions/bad.jsonl', 'out/', /lies in the target, which is replaced/],
  ['state/audit/bad.jsonl', 'new.csv', /lies among the records of the state directory/],
  ['data', 'new.csv', /data is a directory; name a file/],
  ['old.csv/bad.jsonl', 'new.csv', /Cannot write .*: a part of the path is a file/],
  ['-', 'new.csv', /"-" is no file/],
]

describe('dead letters', () => {
  for (const [letters, to, why, from = 'in.csv'] of REFUSED) {
    it(`are refused before anything is done: ${letters} of ${from} into ${to}`, async () => {
      using box = sandbox('letters')
      const at = await scene(box.path)
      const before = listing(box.path)
      await assert.rejects(run(at, { letters, from, to }), (error: SluiceError) => {
        assert.deepEqual([error.code, error.exitCode], ['job-invalid', 2])
        assert.match(error.message, why)
        return true
      })
      assert.deepEqual(listing(box.path), before)
      assert.equal(readFileSync(at('in.csv'), 'utf8'), ROWS)
      assert.deepEqual(readdirSync(at('state/runs')), [])
    })
  }

  it('are refused where the kernel lets nobody write', { skip: process.platform !== 'linux' }, async () => {
    using box = sandbox('letters')
    const at = await scene(box.path)
    const job = jobOf('/proc/zz/bad.jsonl', at('in.csv'), at('new.csv'))
    await assert.rejects(runJob(job, { state: at('state') }), {
      code: 'job-invalid',
      message: /Cannot write \/proc\/zz/,
    })
  })

  it('are refused in a file that is closed to the user', { skip: process.getuid?.() === 0 }, async () => {
    using box = sandbox('letters')
    const at = await scene(box.path)
    writeFileSync(at('closed.jsonl'), '')
    chmodSync(at('closed.jsonl'), 0o400)
    const closed = run(at, { letters: 'closed.jsonl', from: 'in.csv', to: 'new.csv' })
    await assert.rejects(closed, { code: 'job-invalid', message: /permission denied/ })
  })

  it('go into new directories and the state directory, also behind those of other runs', async () => {
    using box = sandbox('letters')
    const at = await scene(box.path)
    for (const letters of ['a/b/bad.jsonl', 'state/dead-letters/all.jsonl', 'a/b/bad.jsonl']) {
      await assert.rejects(run(at, { letters, from: 'in.csv', to: 'new.csv' }), { code: 'validation-failed' })
    }
    assert.equal(readFileSync(at('a/b/bad.jsonl'), 'utf8').trimEnd().split('\n').length, 2)
  })
})

type At = (name: string) => string

/** Without state, for a refused run leaves its record there. */
function listing(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('state'))
}

async function scene(path: string): Promise<At> {
  const at = (name: string) => join(path, name)
  for (const name of ['in.csv', 'old.csv']) writeFileSync(at(name), ROWS)
  mkdirSync(at('data'))
  writeFileSync(at('data/in.csv'), ROWS)
  symlinkSync('in.csv', at('link.csv'))
  linkSync(at('in.csv'), at('hard.csv'))
  const first = defineJob({ name: 'first', extract: readCsv(at('good.csv')), load: writeCsv(at('out/')) })
  writeFileSync(at('good.csv'), 'id\n1\n')
  await runJob(first, { state: at('state') })
  return at
}

function run(at: At, { letters, from, to }: { letters: string; from: string; to: string }) {
  return runJob(jobOf(letters === '-' ? letters : at(letters), at(from), at(to)), { state: at('state') })
}

function jobOf(deadLetters: string, from: string, to: string) {
  return defineJob({ name: 'second', extract: readCsv(from), load: writeCsv(to), deadLetters })
}
