import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RunEvent } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { realInput } from './testing/real-input.ts'
import { type RealRun, runReal } from './testing/real-run.ts'
import { leftovers, readTarget, sandbox, unsettled } from './testing/sandbox.ts'
import { fillDisk, makeReadOnly, noDisk, smallDisk } from './testing/small-disk.ts'

type Change = (run: RealRun & { readonly file: string }) => void

interface Fault {
  readonly what: string
  readonly at: RunEvent['type']
  readonly change: Change
  readonly code: string
  readonly names: 'input' | 'target'
}

const SOURCE_FAULTS: Fault[] = [
  ['grows', ({ file }: { file: string }) => appendFileSync(file, 'x-1,"X",x@example.org\n')],
  ['is replaced', ({ file }: { file: string }) => replaceFile(file, readFileSync(file))],
  ['is cut off', ({ file }: { file: string }) => truncateSync(file, 1000)],
  ['is emptied', ({ file }: { file: string }) => truncateSync(file, 0)],
  ['gets another file beside it', ({ file }: { file: string }) => copyFileSync(file, `${file}.more`)],
].flatMap(([what, change]) =>
  (['RunPlanned', 'BatchRead', 'SplitStaged', 'RunJudged'] as const).map((at) => {
    return { what: `${what} at ${at}`, at, change: change as Change, code: 'source-changed', names: 'input' as const }
  }),
)
const VANISHED: Fault[] = (['RunPlanned', 'SplitStaged', 'RunJudged'] as const).map((at) => {
  return { what: `vanishes at ${at}`, at, change: ({ file }) => rmSync(file), code: 'source-not-found', names: 'input' }
})

describe('an input that changes during a run', () => {
  for (const fault of [...SOURCE_FAULTS, ...VANISHED]) {
    it(`and ${fault.what} fails it, and nothing is written`, () => checkFault('out.csv', fault))
  }
})

describe('a target that changes during a run', () => {
  const replace: Change = ({ target }) => replaceFile(target, Buffer.from('theirs\n'))
  for (const at of ['RunPlanned', 'RunJudged', 'RunDecided'] as const) {
    it(`at ${at} stays as somebody else left it, and a letter says so behind those of the rows`, async () => {
      await checkFault('out.csv', { what: '', at, change: replace, code: 'target-moved', names: 'target' }, 'theirs\n')
    })
  }
})

describe('a target that cannot be', () => {
  it('is refused when it is a file in place of a directory, or anything but a file', async () => {
    using box = sandbox('wrong-kind')
    writeFileSync(join(box.path, 'file'), 'theirs')
    mkdirSync(join(box.path, 'full'))
    writeFileSync(join(box.path, 'full', 'theirs.txt'), 'theirs')
    for (const target of ['file/', 'full/', 'full']) {
      const { error, audit } = await fail(box.path, join(box.path, target), target.replace('/', '-'))
      assert.deepEqual([error.code, error.exitCode], ['target-not-adoptable', 2])
      assert.ok(error.message.includes(join(box.path, target.replace('/', ''))), error.message)
      assert.equal(audit.status, 'failed')
    }
    assert.deepEqual(readdirSync(box.path).sort(), ['file', 'full', 'in', 'state'])
  })

  it('fails the run when a part of its path is a file', async () => {
    using box = sandbox('wrong-kind')
    writeFileSync(join(box.path, 'file'), 'theirs')
    const { error, audit, letters } = await fail(box.path, join(box.path, 'file', 'out.csv'))
    assert.deepEqual([error.code, error.exitCode, audit.status], ['target-not-writable', 4, 'failed'])
    assert.match(error.message, /file.*not a directory/)
    checkRunLetter(letters, 'target-not-writable')
  })

  it('is made with its parents when these are missing', async () => {
    using box = sandbox('parents')
    realInput(join(box.path, 'in'), 'new')
    const target = join(box.path, 'a', 'b', 'out.csv')
    await runReal({ input: join(box.path, 'in'), target, state: join(box.path, 'state'), runId: 'run' })
    assert.ok(existsSync(target))
  })
})

describe('a real run on a full disk', { skip: noDisk }, () => {
  for (const target of ['out.csv', 'out/']) {
    for (const rows of [30_000, 600_000]) {
      it(`under ${target} with ${rows} rows fails and leaves the target and no staging`, async () => {
        using disk = smallDisk('1m')
        using box = sandbox('real-full')
        const path = join(disk.path, target)
        const state = join(box.path, 'state')
        realInput(join(box.path, 'old'), 'old', { rows: 100 })
        await runReal({ input: join(box.path, 'old'), target: path, state, runId: 'old' })
        const old = readTarget(path)
        const { error, audit, letters } = await fail(box.path, path, 'run', rows)
        assert.deepEqual([error.code, error.exitCode, audit.status], ['disk-full', 4, 'failed'])
        assert.ok(error.message.includes(disk.path), error.message)
        checkRunLetter(letters, 'disk-full')
        assert.equal(readTarget(path), old)
        assert.deepEqual([...leftovers(disk.path), ...unsettled(state)], [])
      })
    }
  }

  it('under the state directory fails at whatever file it is, names it, and leaves no staging', async () => {
    const codes = new Set<string>()
    for (let free = 0; free <= 12 << 20; free += 650_000) {
      using disk = smallDisk('16m')
      using box = sandbox('real-full')
      fillDisk(disk.path, free)
      const target = join(box.path, 'out.csv')
      const input = join(box.path, 'in')
      realInput(input, 'new', { rows: 60_000 })
      const run = { input, target, state: join(disk.path, 'state'), runId: 'run', memoryBudget: 1 << 20 }
      const error = await runReal(run).then(
        () => undefined,
        (failure: SluiceError) => failure,
      )
      codes.add(error?.code ?? 'committed')
      assert.equal(existsSync(target), error === undefined)
      assert.deepEqual(leftovers(box.path), [])
      if (error !== undefined) assert.ok(error.message.includes(disk.path), error.message)
      rmSync(join(disk.path, 'filler'), { force: true })
      const { exitCode } = await recover({ state: stateDirectory(run.state), log: silentLogger })
      assert.deepEqual([exitCode, unsettled(run.state)], [0, []], 'recovery ends what found no space')
    }
    assert.deepEqual([...codes].sort(), ['committed', 'disk-full'])
  })

  it('or a read-only one under the state directory or the target says which', async () => {
    using disk = smallDisk('1m')
    using box = sandbox('real-ro')
    mkdirSync(join(disk.path, 'state'))
    makeReadOnly(disk.path)
    realInput(join(box.path, 'in'), 'new')
    const common = { input: join(box.path, 'in'), runId: 'run' }
    const noState = runReal({ ...common, target: join(box.path, 'out.csv'), state: join(disk.path, 'state') })
    await assert.rejects(noState, { code: 'target-not-writable', exitCode: 4, message: /state.*read-only/ })
    const noTarget = runReal({ ...common, target: join(disk.path, 'out.csv'), state: join(box.path, 'state') })
    await assert.rejects(noTarget, { code: 'target-not-writable', exitCode: 4, message: /out\.csv|read-only/ })
    assert.deepEqual(readdirSync(box.path).sort(), ['in', 'state'])
  })
})

async function checkFault(name: string, fault: Fault, expected?: string): Promise<void> {
  using box = sandbox('real-fault')
  const target = join(box.path, 'data', name)
  const state = join(box.path, 'state')
  realInput(join(box.path, 'old'), 'old', { rows: 100 })
  await runReal({ input: join(box.path, 'old'), target, state, runId: 'old' })
  const old = readTarget(target)
  const { files } = realInput(join(box.path, 'in'), 'new', { files: 2, rows: 30_000 })
  const file = files[1]!
  const deadLetters = join(box.path, 'dead.jsonl')
  const run = { input: join(box.path, 'in'), target, state, runId: 'run', deadLetters }
  let changed = false
  const onEvent = ({ type }: RunEvent) => {
    if (type !== fault.at || changed) return
    changed = true
    fault.change({ ...run, file })
  }
  const error = await rejection(runReal(run, { onEvent }))
  assert.deepEqual([error.code, error.exitCode], [fault.code, 4], error.message)
  assert.ok(error.message.includes(fault.names === 'input' ? file : target), error.message)
  assert.equal(readTarget(target), expected ?? old)
  assert.deepEqual([...leftovers(join(box.path, 'data')), ...unsettled(state)], [])
  const audit = JSON.parse(readFileSync(join(state, 'audit', 'run.json'), 'utf8'))
  assert.deepEqual([audit.status, audit.error.code, audit.outputs], ['failed', fault.code, []])
  const letters = readFileSync(deadLetters, 'utf8')
  assert.equal(audit.dead_letters.letters, letters.split('\n').length - 1)
  checkRunLetter(letters, fault.code, fault.names === 'target')
}

async function fail(box: string, target: string, runId = 'run', rows = 300) {
  const input = join(box, 'in')
  if (!existsSync(input)) realInput(input, 'new', { rows })
  const deadLetters = join(box, 'state', `${runId}.jsonl`)
  const error = await rejection(runReal({ input, target, state: join(box, 'state'), runId, deadLetters }))
  const audit = JSON.parse(readFileSync(join(box, 'state', 'audit', `${runId}.json`), 'utf8'))
  return { error, audit, letters: existsSync(deadLetters) ? readFileSync(deadLetters, 'utf8') : '' }
}

/** One letter of the run, the last one; letters of its rows only where these were judged. */
function checkRunLetter(text: string, code: string, withRows = false): void {
  const letters = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
  const last = letters.pop()
  assert.deepEqual([last?.kind, last?.errors[0].code], ['run', code])
  assert.equal(letters.length > 0, withRows)
  assert.ok(letters.every(({ kind }) => kind === 'row'))
}

async function rejection(run: Promise<unknown>): Promise<SluiceError> {
  return run.then(
    () => assert.fail('the run committed'),
    (error: SluiceError) => error,
  )
}

function replaceFile(path: string, content: Buffer): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}
