import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, describe, it } from 'node:test'
import type { DataSet } from '../make-data.ts'
import { type Check, checkAnswers } from './check.ts'
import { RecordDigest } from './record-digest.ts'

const folder = mkdtempSync(`${tmpdir()}/sluice-bench-`)
after(() => rmSync(folder, { recursive: true }))

const EXPECTED = 'id,email\n1,a@example.com\n3,c@example.com\n'
const digest = new RecordDigest()
digest.push(Buffer.from(EXPECTED))
const data: DataSet = {
  ...{ path: '', rows: 3, bytes: 0, rejected: 1, faults: { 'bad-email': 1 } },
  expectedDigest: digest.end(),
}

/** A run that left `output` behind and rejected `row`. */
function run(contender: string, output: string, row = 2): Check {
  const paths = {
    input: '',
    output: `${folder}/${contender}.csv`,
    deadLetters: `${folder}/${contender}.jsonl`,
    state: '',
  }
  writeFileSync(paths.output, output)
  writeFileSync(paths.deadLetters, `${JSON.stringify({ row })}\n`)
  return { contender, paths, answer: { rows: 3, rejected: 1, deadLetters: paths.deadLetters } }
}

describe('checkAnswers', () => {
  it('has nothing to say about right answers, however they are quoted', async () => {
    const other = EXPECTED.replaceAll('\n', '\r\n').replace('1,', '"1",')
    assert.deepEqual(await checkAnswers([run('a', EXPECTED), run('b', other)], data, true), [])
  })

  it('names the record that differs', async () => {
    const problems = await checkAnswers([run('a', EXPECTED.replace('c@', 'C@')), run('b', EXPECTED)], data, true)
    assert.deepEqual(problems, [
      'a wrote other records (3 with the header) than the generator expects',
      'a against b: record 3 (the header is 1) is ["3","C@example.com"] instead of ["3","c@example.com"]',
    ])
  })

  it('sees wrong counts and other rejected rows', async () => {
    const a = run('a', EXPECTED)
    const b = { ...run('b', EXPECTED, 3), answer: { rows: 2, rejected: 0, deadLetters: `${folder}/b.jsonl` } }
    assert.deepEqual(await checkAnswers([a, b], data, true), [
      'b read 2 rows instead of 3',
      'b rejected 0 rows instead of 1',
      'b rejected other rows than a',
    ])
  })

  it('forbids an output where nothing may be loaded', async () => {
    assert.deepEqual(await checkAnswers([run('a', EXPECTED)], data, false), [
      'a wrote an output though rows were rejected',
    ])
  })
})
