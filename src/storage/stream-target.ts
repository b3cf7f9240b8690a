import { once } from 'node:events'
import { createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { finished, type Writable } from 'node:stream'
import { assembleFile } from './assemble-file.ts'
import { crashPoint } from './crash-point.ts'
import { createDurably } from './durable.ts'
import { partName } from './part-name.ts'
import type { CommitOutcome, PlanOptions, PreparedOutput, Target, TargetPlan } from './target.ts'
import { writing } from './write-error.ts'

/**
 * A stream, such as stdout: staged in the run's scratch directory and delivered after the verdict.
 *
 * What has left through a stream cannot be taken back, so this commit is neither atomic nor repeatable. A
 * file says that delivery began, another that it ended; a run that died in between is `unknowable`. One that
 * died before is refused with `target-gone`: nothing was written, and the stream ended with the process.
 * Without `stream`, as in recovery, nothing is ever delivered.
 */
export function streamTarget(stream?: Writable): Target {
  return {
    kind: 'stream',
    plan: async (_location, run) => plan(run),
    open: (plan) =>
      writing(plan.staging, () => {
        mkdirSync(plan.staging, { recursive: true, mode: 0o700 })
        return plan
      }),
    partPath: (plan, split, file) => join(plan.staging, partName(split, '', file)),
    assemble: (plan, parts) => writing(plan.staging, () => assembleFile(plan, parts)),
    commit: (output) => deliver(output, stream),
    release: async (plan) => remove(plan),
    abort: async (plan) => remove(plan),
  }
}

function plan({ runId, stateDirectory, scratch }: PlanOptions): TargetPlan {
  const staging = join(scratch, 'stream')
  return { kind: 'stream', path: '-', runId, state: stateDirectory, staging, base: 'stream', extension: '' }
}

async function deliver(output: PreparedOutput, stream: Writable | undefined): Promise<CommitOutcome> {
  const { staging } = output.plan
  const begun = join(staging, 'delivering')
  const ended = join(staging, 'delivered')
  if (existsSync(ended)) return { outcome: 'committed' }
  if (existsSync(begun)) return { outcome: 'unknowable', reason: 'the run died while it wrote to the stream' }
  if (stream === undefined) return gone('the stream ended with the process before anything was written to it')
  if (!existsSync(output.staged)) {
    return { outcome: 'refused', code: 'staged-lost', reason: `the staged file ${output.staged} is gone` }
  }
  createDurably(begun, '')
  crashPoint('stream-delivering')
  const broken = await copy(output.staged, stream)
  if (broken !== undefined) return undelivered(broken)
  createDurably(ended, '')
  crashPoint('target-switched')
  return { outcome: 'committed' }
}

function gone(reason: string): CommitOutcome {
  return { outcome: 'refused', code: 'target-gone', reason }
}

interface Broken {
  readonly error: NodeJS.ErrnoException
  /** At most: some of it may never have left. */
  readonly written: number
}

/** A full disk under the output is another matter than a reader that left. */
function undelivered({ error, written }: Broken): CommitOutcome {
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') {
    return gone(`the reader of the stream was gone after at most ${written} bytes (${error.message})`)
  }
  const reason = `the output is not whole, for the disk was full after at most ${written} bytes (${error.message})`
  return { outcome: 'refused', code: 'disk-full', reason }
}

/** Resolves when the stream has taken every byte, or to why it would not. It stays open: stdout is not ours to end. */
async function copy(path: string, stream: Writable): Promise<Broken | undefined> {
  const broken = new AbortController()
  let failure: Error | undefined
  const forget = finished(stream, { readable: false }, (error) => {
    failure = error ?? new Error('it was closed')
    broken.abort()
  })
  let written = 0
  try {
    for await (const block of createReadStream(path, { highWaterMark: 1 << 18, signal: broken.signal })) {
      if (!stream.write(block)) await once(stream, 'drain', { signal: broken.signal })
      written += block.length
    }
    const last = await flushed(stream)
    // What the stream itself said of its end comes first: afterwards it may take empty writes again, as stdout does.
    failure ??= last
  } catch (error) {
    if (failure === undefined) throw error
  } finally {
    forget()
  }
  return failure && { error: failure, written }
}

/** An empty write calls back when all before it have been handed over, or with what became of the stream. */
function flushed(stream: Writable): Promise<Error | undefined> {
  return new Promise((done) => stream.write('', (error) => done(error ?? undefined)))
}

function remove(plan: TargetPlan): void {
  rmSync(plan.staging, { recursive: true, force: true })
}
