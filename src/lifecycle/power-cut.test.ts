import assert from 'node:assert/strict'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type DriverOptions, play } from './testing/run-driver.ts'
import { ended, sandbox, start } from './testing/sandbox.ts'
import { type Call, noTrace, traceRun } from './testing/trace.ts'

/** A step of a run, by the system call and what stands in its arguments. */
type Step = readonly [calls: string, text: string | RegExp]

/** No test can cut the power, but a trace shows what would have been on the medium. */
describe('what a power cut may not take away is on the medium before the next step', { skip: noTrace }, () => {
  it('of the commit of a file', async () => {
    using box = sandbox('power')
    const run = optionsIn(box.path, 'out.csv')
    await play({ ...run, runId: 'one', version: 'old' })
    const { data, scratch, journal, staging } = placesOf(box.path, '.out.csv.sluice-run')
    checkOrder(await traceRun(box.path, run), [
      ['fsync', `<${join(scratch, '..')}>`],
      ['fsync', `<${join(staging, 'whole')}>`],
      ['fsync', `<${staging}>`],
      ['fsync', `<${join(scratch, 'dead-letters.jsonl')}>`],
      ['fsync', `<${scratch}>`],
      ['pwrite64', /journal\.jsonl>, "\{\\"seq\\":\d+,\\"at\\":\\"[^"]*\\",\\"type\\":\\"decided/],
      ['fdatasync', `<${journal}>`],
      ['rename', `${join(data, 'out.csv')}"`],
      ['fsync', `<${data}>`],
      ['pwrite64', /journal\.jsonl>, .*\\"committed/],
      ['fdatasync', `<${journal}>`],
    ])
  })

  it('of the switch of a directory, the witness for the version before it among it', async () => {
    using box = sandbox('power')
    const run = optionsIn(box.path, 'out/')
    assert.ok((await ended(start({ ...run, runId: 'one', version: 'old' }, 'target-switched'))).killed)
    renameSync(run.state, `${run.state}-gone`)
    const { data, journal, staging } = placesOf(box.path, '.out.versions/run')
    const versions = join(data, '.out.versions')
    checkOrder(await traceRun(box.path, run), [
      ['fsync', `<${join(staging, 'part-00000.csv')}>`],
      ['fsync', `<${staging}>`],
      ['fsync', `<${versions}>`],
      ['pwrite64', /journal\.jsonl>, .*\\"decided/],
      ['fdatasync', `<${journal}>`],
      ['rename', 'one~replaced.json'],
      ['fsync', `<${versions}>`],
      ['rename', `${join(data, 'out')}"`],
      ['fsync', `<${data}>`],
    ])
  })

  it('of the adoption of a directory', async () => {
    using box = sandbox('power')
    const run = { ...optionsIn(box.path, 'out/'), adopt: true }
    const { data } = placesOf(box.path, '')
    mkdirSync(join(data, 'out'), { recursive: true })
    writeFileSync(join(data, 'out', 'theirs.txt'), 'theirs')
    checkOrder(await traceRun(box.path, run), [
      ['rename', '~adopted-run"'],
      ['fsync', `<${join(data, '.out.versions')}>`],
      ['symlink', `${join(data, 'out')}"`],
      ['fsync', `<${data}>`],
    ])
  })
})

/** Each step must have ended before the next one begins. */
function checkOrder(calls: readonly Call[], steps: readonly Step[]): void {
  let before = -1
  for (const [names, text] of steps) {
    const found = calls.find(
      (call) => call.began > before && call.name.startsWith(names) && matches(call.arguments, text),
    )
    assert.ok(found, `no ${names} of ${text} where it must be`)
    before = found.ended
  }
}

function matches(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}

function optionsIn(directory: string, target: string): DriverOptions {
  const data = join(directory, 'data')
  const common = { state: join(directory, 'state'), deadLetters: join(directory, 'dead.jsonl') }
  return { ...common, target: join(data, target), runId: 'run', version: 'new' }
}

function placesOf(directory: string, staging: string) {
  const data = join(directory, 'data')
  const run = join(directory, 'state', 'runs', 'run')
  return { data, scratch: join(run, 'scratch'), journal: join(run, 'journal.jsonl'), staging: join(data, staging) }
}
