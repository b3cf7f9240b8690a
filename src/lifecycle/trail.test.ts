import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { StageCounts } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { type RunOptions, runJob } from './run.ts'
import { stateDirectory } from './state-directory.ts'
import { endOf, startReal } from './testing/children.ts'
import { realInput } from './testing/real-input.ts'
import { realJob, runReal } from './testing/real-run.ts'
import { sandbox } from './testing/sandbox.ts'

/** A reader's own idea of a digest. */
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('the audit record', () => {
  it('of a run that committed says who ran what on which bytes, and what came of it', async () => {
    using box = sandbox('trail')
    const made = realInput(join(box.path, 'in'), 'new', { files: 2, rows: 900 })
    const run = place(box.path)
    const params = { day: '2026-01-01', api_token: 'hush-1', DB_PASSWORD: 'hush-2' }
    const report = await runReal(run, { params, code: 'c0de', correlationId: 'cause' })
    const audit = auditOf(box.path)
    const [, stages] = [checkCounts(audit), audit.stages as (StageCounts & { split: number })[]]
    const { run_id, job, status, environment, correlation_id, code_sha256, error, recovered } = audit
    assert.deepEqual(
      { run_id, job, status, environment, correlation_id, code_sha256, error, recovered },
      {
        run_id: 'run',
        job: 'real',
        status: 'committed',
        environment: 'local',
        correlation_id: 'cause',
        code_sha256: 'c0de',
        error: null,
        recovered: false,
      },
    )
    assert.match(audit.fingerprint, /^[0-9a-f]{64}$/)
    assert.deepEqual([audit.by.user, audit.by.host, audit.by.pid], [userInfo().username, hostname(), process.pid])
    assert.deepEqual(audit.params, { day: '2026-01-01', api_token: '***', DB_PASSWORD: '***' })
    assert.doesNotMatch(readAll(join(box.path, 'state')), /hush/)
    made.files.forEach((path, index) => {
      const { size, mtimeNs } = statSync(path, { bigint: true })
      assert.deepEqual(audit.inputs[index], {
        source: path,
        bytes: Number(size),
        mtime_ns: String(mtimeNs),
        sha256: sha256(path),
        records: 900,
      })
    })
    const [output] = audit.outputs
    assert.deepEqual(output, {
      path: run.target,
      rows: report.rows.loaded,
      bytes: statSync(run.target).size,
      sha256: sha256(run.target),
    })
    assert.deepEqual(
      stages.filter(({ split }) => split === 1).map(({ stage }) => stage),
      ['extract', 'withColumn(email)', 'validate', 'load'],
    )
    assert.deepEqual(
      audit.rules.map((rule: { id: string; failed: number }) => [rule.id, rule.failed > 0]),
      [
        ['id.required_columns', false],
        ['email.required_columns', false],
        ['email.string_patterns', true],
        ['id.unique_columns', true],
      ],
    )
    assert.equal(audit.dead_letters.letters, made.rejected.length)
    for (const { timings } of [audit, report.toJSON() as { timings: Record<string, number> }]) {
      const parts = ['plan_ms', 'stage_ms', 'judge_ms', 'commit_ms'].map((name) => timings[name] as number)
      assert.ok(parts.every((part) => part >= 0))
      // Each part is rounded by itself.
      assert.ok(parts.reduce((sum, part) => sum + part) <= timings['total_ms'] + parts.length)
    }
    assert.ok(Date.parse(audit.started_at) <= Date.parse(audit.settled_at))
    assert.doesNotMatch(JSON.stringify(audit), /no mail|under_score/, 'values of rows stay out')
  })

  it('is there, once, for runs that were invalid, failed and recovered', async () => {
    using box = sandbox('trail')
    realInput(join(box.path, 'in'), 'new')
    const run = place(box.path)
    await assert.rejects(runReal({ ...run, runId: 'invalid', onInvalid: 'fail' }), { code: 'validation-failed' })
    await assert.rejects(runReal({ ...run, runId: 'failed', target: join(box.path, 'in', 'in-0.csv', 'x') }))
    await assert.rejects(runReal({ ...run, runId: 'gone', input: join(box.path, 'nowhere') }))
    for (const [runId, step] of [
      ['undone', 'split-staged'],
      ['finished', 'run-decided'],
    ] as const) {
      assert.ok((await endOf(startReal({ ...run, runId }, step))).killed)
      await recover({ state: stateDirectory(run.state), log: silentLogger })
    }
    const names = readdirSync(join(run.state, 'audit')).sort()
    assert.deepEqual(names, ['failed.json', 'finished.json', 'gone.json', 'invalid.json', 'undone.json'])
    const told = Object.fromEntries(
      names.map((name) => {
        const { status, recovered, error, outputs = [] } = auditOf(box.path, name)
        return [name.slice(0, -5), [status, recovered, error?.code, outputs.length]]
      }),
    )
    assert.deepEqual(told, {
      invalid: ['invalid', false, 'validation-failed', 0],
      failed: ['failed', false, 'target-not-writable', 0],
      gone: ['failed', false, 'source-not-found', 0],
      undone: ['failed', true, 'interrupted', 0],
      finished: ['committed', true, undefined, 1],
    })
    checkCounts(auditOf(box.path, 'invalid.json'))
    checkCounts(auditOf(box.path, 'finished.json'))
  })

  it('and the report of a rejected run are the same story', async () => {
    using box = sandbox('trail')
    const { rejected, records } = realInput(join(box.path, 'in'), 'new')
    const run = { ...place(box.path), onInvalid: 'fail' as const }
    const error = await runReal(run).catch((failure: SluiceError) => failure)
    const report = (error as { report: { toJSON(): Record<string, unknown> } }).report.toJSON()
    const audit = auditOf(box.path)
    for (const key of ['run_id', 'job', 'status', 'error', 'rows', 'dead_letters', 'outputs']) {
      assert.deepEqual(report[key], audit[key], key)
    }
    assert.deepEqual(report['source'], audit.inputs)
    const { read, loaded, rejected: out } = report['rows'] as Record<string, number>
    assert.deepEqual([read, loaded, out], [records, 0, rejected.length])
  })
})

describe('a run id', () => {
  it('that committed gives its report again, commits nothing twice, and cannot be another run', async () => {
    using box = sandbox('ids')
    realInput(join(box.path, 'in'), 'new')
    const run = place(box.path)
    const play = (more: RunOptions = {}) => runJob(realJob(run), { state: run.state, runId: 'run', ...more })
    const first = await play()
    writeFileSync(run.target, 'theirs')
    assert.deepEqual((await play()).toJSON(), first.toJSON())
    assert.equal(readFileSync(run.target, 'utf8'), 'theirs')
    await assert.rejects(play({ params: { day: '2' } }), { code: 'run-id-conflict', exitCode: 2 })
    writeFileSync(join(box.path, 'in', 'in-0.csv'), 'id,name,email\n1,a,a@b.org\n')
    await assert.rejects(play(), { code: 'run-id-conflict' })
  })

  it('that committed stays committed, though a later attempt does not find the input', async () => {
    using box = sandbox('ids')
    realInput(join(box.path, 'in'), 'new')
    const run = place(box.path)
    const first = await runReal(run)
    renameSync(join(box.path, 'in'), join(box.path, 'away'))
    await assert.rejects(runReal(run), { code: 'source-not-found' })
    renameSync(join(box.path, 'away'), join(box.path, 'in'))
    assert.deepEqual((await runReal(run)).toJSON(), first.toJSON())
  })

  it('that failed or was invalid may be tried again', async () => {
    using box = sandbox('ids')
    realInput(join(box.path, 'in'), 'new')
    const run = place(box.path)
    for (let round = 0; round < 2; round++) {
      await assert.rejects(runReal({ ...run, onInvalid: 'fail' }), { code: 'validation-failed' })
    }
    assert.equal(readdirSync(join(run.state, 'audit')).length, 2, 'each attempt has its record')
  })
})

describe('a dead letter', () => {
  it('has these fields and no others, and its bytes are those of the input', async () => {
    using box = sandbox('letters')
    const input = join(box.path, 'in.csv')
    const text = '\ufeffid;v\r\n1;a\r\n2;"b\r\nc";d\r\n\r\n3;é\r4\n4;"x""y"\n4;z\n5;\xff\n6;"unclosed\n'
    writeFileSync(
      input,
      Buffer.concat([
        Buffer.from(text.slice(0, text.indexOf('\xff'))),
        Buffer.of(0xff),
        Buffer.from('\n6;"unclosed\n'),
      ]),
    )
    const deadLetters = join(box.path, 'dead.jsonl')
    const job = {
      name: 'letters',
      extract: readCsv(input, { delimiter: ';' }),
      load: writeCsv(join(box.path, 'out.csv')),
    }
    const validate = { uniqueColumns: ['id'] }
    await runJob(
      { ...job, validate, onInvalid: 'quarantine', deadLetters },
      { state: join(box.path, 'state'), runId: 'r' },
    )
    const bytes = readFileSync(input)
    const letters = readFileSync(deadLetters, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    assert.ok(letters.length >= 5, String(letters.length))
    for (const letter of letters) checkLetter(letter, bytes)
    const codes = letters.map(({ errors: [{ code }] }) => code)
    for (const code of ['extra-cell', 'blank-row', 'duplicate-key', 'encoding-error', 'quote-error'])
      assert.ok(codes.includes(code), code)
  })
})

const FIELDS =
  'id kind run_id job source row line byte_offset byte_length raw format values errors stage rejected_at replay_count'

// biome-ignore lint/suspicious/noExplicitAny: JSON
function checkLetter(letter: any, input: Buffer): void {
  const { raw, raw_base64, row, line, byte_offset, byte_length, format, source } = letter
  const fields = Object.keys(letter).join(' ').replace('raw_base64', 'raw')
  assert.equal(fields, FIELDS)
  assert.deepEqual(Object.keys(format).sort().join(' '), 'columns delimiter encoding escape quote schema_hash type')
  assert.equal(letter.id, `r:${source}:${row}`)
  const found = input.subarray(byte_offset, byte_offset + byte_length)
  assert.ok(found.equals(raw === undefined ? Buffer.from(raw_base64, 'base64') : Buffer.from(raw)))
  // An editor ends a line at LF, CRLF and CR.
  const before = input.subarray(0, byte_offset).toString('latin1')
  assert.equal(line, before.split(/\r\n|\n|\r/).length, `the line of row ${row}`)
  for (const error of letter.errors) assert.ok(typeof error.code === 'string' && typeof error.message === 'string')
}

// biome-ignore lint/suspicious/noExplicitAny: JSON
function checkCounts(audit: any): void {
  const stages = audit.stages as (StageCounts & { split: number })[]
  stages.forEach((counts, index) => {
    const { in: entered, produced, out, filtered, rejected, consumed } = counts
    assert.equal(entered + produced, out + filtered + rejected + consumed, counts.stage)
    const next = stages[index + 1]
    if (next?.split === counts.split) assert.equal(next.in, out)
  })
  const { read, produced, consumed, filtered, rejected, staged } = audit.rows
  if (audit.status === 'committed') assert.equal(read + produced, consumed + filtered + rejected + staged)
}

function place(box: string) {
  const [input, target, state] = [join(box, 'in'), join(box, 'out.csv'), join(box, 'state')]
  return { input, target, state, runId: 'run' }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON
function auditOf(box: string, name = 'run.json'): any {
  return JSON.parse(readFileSync(join(box, 'state', 'audit', name), 'utf8'))
}

function readAll(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n')
}
