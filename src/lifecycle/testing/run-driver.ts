/**
 * Plays a run with the real parts and files, so that tests can kill it: `node run-driver.ts '{…}'`.
 * Its rows are lines of one version, which tell a reader whether it sees one whole output.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import type { StagedPart } from '../../storage/target.ts'
import { targetAt } from '../../storage/targets.ts'
import { claimRun } from '../claim-run.ts'
import { decide } from '../decide.ts'
import { failRun } from '../fail-run.ts'
import { finish, type Settlement } from '../finish.ts'
import type { SealedLetters } from '../journal-record.ts'
import type { JsonObject } from '../json.ts'
import type { OpenRun } from '../open-run.ts'
import { planTarget } from '../plan-target.ts'
import { recordStaged } from '../record-staged.ts'
import { recover } from '../recovery.ts'
import { stateDirectory } from '../state-directory.ts'

export interface DriverOptions {
  readonly mode?: 'run' | 'recover'
  readonly state: string
  readonly target: string
  readonly runId: string
  readonly version: string
  readonly parts?: number
  readonly rows?: number
  readonly verdict?: 'commit' | 'reject' | 'fail'
  readonly adopt?: boolean
  readonly deadLetters?: string
  /** Waits for this file before it decides. */
  readonly waitFor?: string
  /** Created when the output is assembled. */
  readonly signalTo?: string
}

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** What one part of a version holds. */
export function partText(version: string, part: number, rows = 400): string {
  return Array.from({ length: rows }, (_, row) => `${version},${part},${row}\n`).join('')
}

export function letterText(runId: string): string {
  return [1, 2, 3].map((row) => `${JSON.stringify({ id: `${runId}:0:${row}` })}\n`).join('')
}

export async function play(options: DriverOptions): Promise<Settlement | 'repeated' | undefined> {
  const state = stateDirectory(options.state)
  const header = {
    runId: options.runId,
    job: 'driver',
    fingerprint: `${options.version}`,
    startedAt: new Date().toISOString(),
    deadLetters: options.deadLetters ?? null,
    audit: { job: 'driver', correlation_id: 'c' },
  }
  const claim = await claimRun(state, header, quiet)
  if (claim.kind === 'repeated') return 'repeated'
  await using run = claim.run
  const letters = options.deadLetters === undefined ? null : sealLetters(run)
  const drafts = { letters, audit: {}, report: { run_id: options.runId, rows: { loaded: 1 }, outputs: ['some'] } }
  try {
    await stageAndDecide(run, options, drafts)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'in-doubt') throw error
    return await failRun(run, { error, ...drafts }, { log: quiet })
  }
  return await finish(run, { log: quiet, target: targetAt(options.target) })
}

type Drafts = { letters: SealedLetters | null; audit: JsonObject; report: JsonObject }

async function stageAndDecide(run: OpenRun, options: DriverOptions, drafts: Drafts): Promise<void> {
  const target = targetAt(options.target)
  const { adopt = false, target: location, verdict = 'commit' } = options
  const plan = await planTarget(run, {
    target,
    location,
    adopt,
    extension: '.csv',

    audit: {},
    log: quiet,
  })
  const parts: StagedPart[] = []
  for (let split = 0; split < (options.parts ?? 2); split++) {
    const part = writePart(target.partPath(plan, split), split, options)
    await recordStaged(run, split, part)
    parts.push(part)
  }
  if (verdict === 'fail') throw new SluiceError('source-changed', 'the input changed')
  const output = await target.assemble(plan, parts)
  await rendezvous(options)
  const error = { code: 'validation-failed', message: 'a rule failed' } as const
  if (verdict === 'commit') await decide(run, { verdict, output, error: null, ...drafts })
  else await decide(run, { verdict, output: null, error, ...drafts })
}

function writePart(path: string, split: number, { version, rows = 400 }: DriverOptions): StagedPart {
  const text = partText(version, split, rows)
  writeFileSync(path, '')
  // In pieces, so that a kill finds half-written parts.
  for (let at = 0; at < text.length; at += 1024) appendFileSync(path, text.slice(at, at + 1024))
  const sha256 = process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex')
  return { split, path, rows, bytes: text.length, sha256 }
}

function sealLetters(run: OpenRun): SealedLetters {
  const text = letterText(run.runId)
  const path = join(run.state.scratch(run.runId), 'dead-letters.jsonl')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return { path, letters: 3, bytes: text.length }
}

async function rendezvous({ signalTo, waitFor }: DriverOptions): Promise<void> {
  if (signalTo !== undefined) writeFileSync(signalTo, '')
  const { existsSync } = process.getBuiltinModule('node:fs')
  while (waitFor !== undefined && !existsSync(waitFor)) await new Promise((wake) => setTimeout(wake, 2))
}

async function main(options: DriverOptions): Promise<void> {
  try {
    const state = stateDirectory(options.state)
    const result = options.mode === 'recover' ? await recover({ state, log: quiet }) : await play(options)
    // To a stream target stdout is data.
    const talk = options.target === '-' ? process.stderr : process.stdout
    talk.write(JSON.stringify(result === undefined ? null : result))
  } catch (error) {
    process.stdout.write(JSON.stringify({ thrown: (error as SluiceError).code, message: (error as Error).message }))
  }
}

if (import.meta.main) await main(JSON.parse(process.argv[2]!))
