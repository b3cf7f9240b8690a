import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { GOOD, jobText } from './testing/customers.ts'
import { ensureBuilt, plainLines, sluice, workspace } from './testing/sluice.ts'

/** What people get wrong on the command line, and the whole of what they read then. */
const MISTAKES: readonly (readonly [args: string, line: string])[] = [
  ['frob', "error: Unknown command 'frob'. See `sluice --help`."],
  ['run', "error: Missing required argument 'job.ts'. See `sluice run --help`."],
  ['run job.ts --thread 1', "error: Unknown option '--thread' (Did you mean --threads?). See `sluice run --help`."],
  ['run job.ts --threads 2', 'error: --threads accepts only 1 (or auto) in this version, not "2". Leave it out.'],
  ['run job.ts --param x', 'error: --param needs a name and a value: --param name=value.'],
  ['run job.ts --KEY', 'error: The job argument --KEY needs a value: --KEY VALUE or --KEY=VALUE.'],
  ['recover --KEY v', "error: Unknown option '--KEY'. See `sluice recover --help`."],
  [
    'run job.ts --run-id a/b',
    'error: The run id "a/b" must be 1 to 100 letters, digits, ".", "_" or "-" and begin with a letter or digit.',
  ],
  [
    'run job.ts --env prd',
    'error: There is no environment "prd". The environments are local, dev, staging, prod. Did you mean "prod"?',
  ],
  ['run job.ts --env moon', 'error: There is no environment "moon". The environments are local, dev, staging, prod.'],
  ['run job.ts --config none.ts', 'error: none.ts: there is no such file; check --config and SLUICE_CONFIG.'],
  [
    'run job.ts --dlq sqs://host/q',
    'error: sqs://host/q is no address of a queue; write sqs://sqs.region.amazonaws.com/account/queue, or its ARN.',
  ],
  [
    'doctor job.ts --env moon',
    'error: There is no environment "moon". The environments are local, dev, staging, prod.',
  ],
  [
    'check in.csv',
    'error: in.csv is no job file: it must end with .ts, .mts, .cts, .js, .mjs, .cjs; to load a file of rows without one, use `sluice load <from> <to>`.',
  ],
  [
    'load a b --pattern x=(',
    'error: --pattern x: this is no regular expression: /(/: Unterminated group. Mind the quotes of the shell.',
  ],
  ['load a b --max-rejected 3', 'error: --max-rejected needs --on-invalid quarantine.'],
  ['load a b --max-rejected many', 'error: --max-rejected must be a count or a share such as 5%, not "many".'],
  ['load a b --dlq -', 'error: --dlq needs a file: dead letters cannot go to stdout or any other pipe.'],
  ['load a b --on-invalid drop', 'error: --on-invalid must be fail or quarantine, not "drop".'],
  ['load a b --phone p:USA', 'error: --phone p:USA: the country must be two letters, such as --phone p:US.'],
  ['load a b --skip-lines x', 'error: --skip-lines must be a whole number, 0 or more, not "x".'],
  ['preview in.csv -n 0', 'error: --rows must be a whole number, 1 or more, not "0".'],
]

/** Job files that do not load, and why. */
const JOB_FILES: readonly (readonly [what: string, text: string, line: string])[] = [
  [
    'throws',
    `const settings: { a?: { b: string } } = {}\nexport default settings.a!.b\n`,
    "error: job.ts:2:28: the job file threw TypeError: Cannot read properties of undefined (reading 'b')",
  ],
  [
    'has a syntax error',
    'export default {{\n',
    'error: job.ts:1: syntax error: Unexpected token `{`. Expected identifier, string literal, numeric literal or [ for the computed key',
  ],
  [
    'has TypeScript that cannot be erased',
    'export default 1\nenum Colour { Red }\n',
    'error: job.ts:2: TypeScript enum is not supported in strip-only mode. Node.js only strips types: replace enums, namespaces and parameter properties, or compile the file first.',
  ],
  [
    'imports a package that is not there',
    `import x from 'no-such-package'\nexport default x\n`,
    'error: job.ts: imports the package "no-such-package", which is not installed; run npm install no-such-package.',
  ],
  [
    'imports a file that is not there',
    `import x from './lib'\nexport default x\n`,
    'error: job.ts: imports lib, which does not exist; mind the extension, such as .ts.',
  ],
  [
    'imports what is not exported',
    `import { readXml } from 'sluice'\nexport default readXml\n`,
    'error: job.ts:1: imports "readXml" from "sluice", which does not export it; check the spelling, and write `import type` for a type.',
  ],
  [
    'exports nothing',
    'export const job = 1\n',
    'error: job.ts has no default export; it exports job: if that is the job, write `export default job`.',
  ],
  ['is empty', '', 'error: job.ts has no default export; write `export default defineJob({ … })`.'],
  [
    'has a type error that shows when it is called',
    `import { defineJob, readCsv, writeCsv } from 'sluice'\nexport default defineJob({\n  name: 'x',\n  extract: readCsv('in.csv'),\n  transform: (rows) => rows.withColum('id'),\n  load: writeCsv('out.csv'),\n})\n`,
    'error: job.ts:5:29: transform threw TypeError: rows.withColum is not a function',
  ],
  [
    'defines no job',
    `import { defineJob, readCsv, writeCsv } from 'sluice'\nexport default defineJob({ name: 'a b', extract: readCsv('x'), load: writeCsv('y') })\n`,
    'error: job.ts:2:16: The job "a b" is invalid: name must be letters, digits, ".", "_" or "-".',
  ],
]

describe('bad usage', { concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const [args, line] of MISTAKES) {
    it(`is told in one line: sluice ${args}`, async () => {
      using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
      const run = await sluice(args.split(' '), place)
      assert.deepEqual([run.code, plainLines(run), run.stdout], [2, [line], ''])
    })
  }

  for (const [what, text, line] of JOB_FILES) {
    it(`is told in one line: a job file that ${what}`, async () => {
      using place = workspace({ 'job.ts': text, 'in.csv': GOOD })
      const run = await sluice(['run', 'job.ts'], place)
      assert.deepEqual([run.code, plainLines(run), run.stdout], [2, [line], ''])
    })
  }

  it('is told in one line: a job file that is not there', async () => {
    using place = workspace()
    const run = await sluice(['run', 'nope.ts'], place)
    assert.equal(run.code, 2)
    assert.match(run.stderr, /^error: The job file nope\.ts does not exist \(looked in .+\); check the path\.\n$/)
  })

  it('shows stack and causes only with --verbose', async () => {
    using place = workspace({ 'job.ts': `throw new RangeError('deep')\n` })
    const plain = await sluice(['run', 'job.ts'], place)
    const verbose = await sluice(['run', 'job.ts', '--verbose'], place)
    assert.equal(plain.stderr.includes(' at '), false)
    assert.match(verbose.stderr, /\n {4}at .*explain-import/)
    assert.match(verbose.stderr, /\ncaused by: RangeError: deep\n {4}at .*file:.*job\.ts:1:7/)
  })

  it('gives a report with --json, whatever went wrong', async () => {
    using place = workspace({ 'job.ts': 'export const a = 1\n' })
    for (const args of [
      ['run', 'job.ts', '--json'],
      ['run', 'nope.ts', '--json'],
      ['load', 'a', 'b', '--x', '--json'],
    ]) {
      const { code, stdout } = await sluice(args, place)
      const report = JSON.parse(stdout)
      assert.deepEqual([code, report.status, report.rows.loaded], [2, 'failed', 0])
      assert.equal(typeof report.error.message, 'string')
    }
  })

  it('tells an error that nobody caught as internal, and where it came from', async () => {
    const job = `${jobText()}setTimeout(() => { throw new RangeError('late') })\n`
    using place = workspace({ 'job.ts': job, 'in.csv': GOOD })
    const { code, stderr } = await sluice(['run', 'job.ts'], place)
    assert.equal(code, 4)
    assert.match(stderr, /\nerror: job\.ts:11:26: Unexpected: late \(a defect in Sluice or in the job; --verbose shows/)
  })

  it('tells an error that nobody caught while the job file loads', async () => {
    const job = `setTimeout(() => { throw new RangeError('early') }, 5)\nawait new Promise((done) => setTimeout(done, 500))\n`
    using place = workspace({ 'job.ts': job })
    const { code, stderr } = await sluice(['check', 'job.ts'], place)
    assert.equal(code, 4)
    assert.match(stderr, /^error: job\.ts:1:26: Unexpected: early \(a defect .*\)\n$/)
  })
})
