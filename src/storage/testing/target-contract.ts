import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import type { PlanOptions, PreparedOutput, StagedPart, Target, TargetPlan } from '../target.ts'

export interface Subject {
  readonly name: string
  readonly target: Target
  /** Where the target lies inside a directory of the test's own. */
  location(directory: string): string
  /** What readers see there: file names and contents; null for nothing. */
  read(directory: string): string | null | Promise<string | null>
  /** Whatever lies in the directory that is neither target nor published. */
  traces(directory: string): string[] | Promise<string[]>
}

/** What every target must do, run by one line per target. */
export function targetContract(subject: Subject): void {
  const { target } = subject
  describe(`the contract of targets, kept by ${subject.name}`, () => {
    test('planning touches nothing', async (at) => {
      await planned(at)
      assert.deepEqual(at.everything(), [])
    })

    test('nothing is visible before the commit, everything after', async (at) => {
      const output = await prepared(at, 'one', ['a\n', 'b\n'])
      assert.equal(await subject.read(at.path), null)
      assert.deepEqual(await target.commit(output), { outcome: 'committed' })
      assert.equal(await subject.read(at.path), 'a\nb\n')
      assert.deepEqual(
        output.outputs.map((file) => file.rows).reduce((a, b) => a + b),
        2,
      )
      await target.release(output.plan)
      assert.deepEqual(await subject.traces(at.path), [])
    })

    test('the next commit replaces all of it', async (at) => {
      await committed(at, 'one', ['a\n', 'b\n', 'c\n'])
      await committed(at, 'two', ['d\n'])
      assert.equal(await subject.read(at.path), 'd\n')
      assert.deepEqual(await subject.traces(at.path), [])
    })

    test('committing twice, also after a release, is one commit', async (at) => {
      const output = await prepared(at, 'one', ['a\n'])
      for (let time = 0; time < 2; time++) assert.deepEqual(await target.commit(output), { outcome: 'committed' })
      await target.release(output.plan)
      await target.release(output.plan)
      assert.deepEqual(await target.commit(output), { outcome: 'committed' })
      assert.equal(await subject.read(at.path), 'a\n')
    })

    test('aborting twice, in every state, leaves no trace and the target as it was', async (at) => {
      await committed(at, 'one', ['old\n'])
      const unopened = await planned(at, 'unopened')
      const unsealed = await opened(at, 'unsealed')
      writeFileSync(target.partPath(unsealed, 0), 'half')
      const sealed = await prepared(at, 'sealed', ['new\n'])
      for (const plan of [unopened, unsealed, sealed.plan]) {
        await target.abort(plan)
        await target.abort(plan)
      }
      assert.equal(await subject.read(at.path), 'old\n')
      assert.deepEqual(await subject.traces(at.path), [])
      assert.equal((await target.commit(sealed)).outcome, 'refused')
      assert.equal(await subject.read(at.path), 'old\n')
    })

    test('aborting a run that did commit takes nothing away', async (at) => {
      const output = await committed(at, 'one', ['a\n'])
      await target.abort(output.plan)
      assert.equal(await subject.read(at.path), 'a\n')
    })

    test('the second of two plans for one base is refused', async (at) => {
      await committed(at, 'one', ['old\n'])
      const first = await prepared(at, 'first', ['first\n'])
      const second = await prepared(at, 'second', ['second\n'])
      assert.equal((await target.commit(second)).outcome, 'committed')
      const outcome = await target.commit(first)
      assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
      await target.abort(first.plan)
      await target.release(second.plan)
      assert.equal(await subject.read(at.path), 'second\n')
      assert.deepEqual(await subject.traces(at.path), [])
    })

    test('plan and output survive JSON', async (at) => {
      const output = JSON.parse(JSON.stringify(await prepared(at, 'one', ['a\n', 'b\n'])))
      assert.deepEqual(await target.commit(output), { outcome: 'committed' })
      await target.release(JSON.parse(JSON.stringify(output.plan)))
      assert.equal(await subject.read(at.path), 'a\nb\n')
    })

    test('cut ranges are left out, and digests are of what is published', async (at) => {
      const plan = await opened(at, 'one')
      const parts = ['keep\ndrop\nkeep\n', 'drop\n', 'keep\n'].map((text, split) => stage(plan, split, text))
      const cuts = [[[5, 10]], [[0, 5]], []] as const
      const output = await target.assemble(
        plan,
        parts.map((part, split) => ({ ...part, cut: cuts[split]! })),
      )
      await target.commit(output)
      assert.equal(await subject.read(at.path), 'keep\nkeep\nkeep\n')
      const bytes = output.outputs.reduce((sum, file) => sum + file.bytes, 0)
      assert.equal(bytes, 15)
    })

    test('a part that is not as it was sealed is refused', async (at) => {
      const plan = await opened(at, 'one')
      const part = stage(plan, 0, 'a\nb\n')
      writeFileSync(part.path, 'a\n')
      await assert.rejects(target.assemble(plan, [part]), { code: 'staged-lost' })
    })

    test('no rows make an empty output', async (at) => {
      const output = await prepared(at, 'one', [''])
      await target.commit(output)
      assert.equal(await subject.read(at.path), '')
    })

    test('a run id like the name of a lock, a link or a marker is a run id like any other', async (at) => {
      for (const runId of ['one', 'lock', 'one.link', 'one.run.json', 'adopted-two', 'two']) {
        await committed(at, runId, [`${runId}\n`])
        assert.equal(await subject.read(at.path), `${runId}\n`)
        assert.deepEqual(await subject.traces(at.path), [])
      }
    })

    test('names of any script and length are fine', async (at) => {
      for (const name of [`ü ${'x'.repeat(240)}`, 'ñ'.repeat(125), '-rf *', '%20?#']) {
        const location = subject.location(at.path).replace('out', name)
        const plan = await target.open(await target.plan(location, at.options('long')))
        const output = await target.assemble(plan, [stage(plan, 0, 'a\n')])
        assert.deepEqual(await target.commit(output), { outcome: 'committed' })
        await target.release(plan)
      }
      assert.deepEqual(await subject.traces(at.path), [])
    })
  })

  function test(title: string, body: (at: Place) => Promise<void>): void {
    it(title, async () => {
      const path = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-target-')))
      try {
        await body(place(path, subject))
      } finally {
        rmSync(path, { recursive: true, force: true })
      }
    })
  }

  async function planned(at: Place, runId = 'one'): Promise<TargetPlan> {
    return target.plan(subject.location(at.path), at.options(runId))
  }

  async function opened(at: Place, runId: string): Promise<TargetPlan> {
    const plan = await planned(at, runId)
    return await target.open(plan)
  }

  function stage(plan: TargetPlan, split: number, text: string): StagedPart {
    const path = target.partPath(plan, split)
    writeFileSync(path, text)
    const sha256 = process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex')
    return { split, path, rows: text.split('\n').length - 1, bytes: Buffer.byteLength(text), sha256 }
  }

  async function prepared(at: Place, runId: string, texts: string[]): Promise<PreparedOutput> {
    const plan = await opened(at, runId)
    return target.assemble(
      plan,
      texts.map((text, split) => stage(plan, split, text)),
    )
  }

  async function committed(at: Place, runId: string, texts: string[]): Promise<PreparedOutput> {
    const output = await prepared(at, runId, texts)
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    await target.release(output.plan)
    return output
  }
}

interface Place {
  readonly path: string
  options(runId: string): PlanOptions
  everything(): string[]
}

function place(path: string, subject: Subject): Place {
  const { readdirSync } = process.getBuiltinModule('node:fs')
  const scratch = join(path, 'scratch')
  return {
    path,
    options: (runId) => ({
      runId,

      stateDirectory: join(path, 'state'),
      scratch,
      extension: '.csv',
    }),
    everything: () => readdirSync(path).filter((name) => name !== basename(subject.location(path))),
  }
}
