// Runs the tests: `npm test`, `npm test -- src/a.test.ts`, `npm test -- --coverage`, `npm run test:soak`.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'

const { argv, execPath } = process
const flags = argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = argv.slice(2).filter((argument) => !argument.startsWith('--'))
const soak = flags.includes('--soak')
const coverage = flags.includes('--coverage')

const found = globSync('{src,fixtures,bench,examples}/**/*.test.ts').filter(
  (file) => isSoak(file) === soak && !file.endsWith('.interop.test.ts'),
)
const files = named.length > 0 ? named : found.sort()
if (files.length === 0) {
  process.stdout.write(`no ${soak ? 'soak ' : ''}tests\n`)
  process.exit()
}

/** Milliseconds after which a test is taken to hang, far beyond what the longest needs. */
const HANGS_AFTER = (soak ? 60 : 10) * 60_000

const options = [
  ...['--import', 'tsx', '--test', '--test-concurrency=2', `--test-timeout=${HANGS_AFTER}`, '--test-force-exit'],
  ...(coverage ? coverageOptions() : []),
  // Those of the test runner itself pass through.
  ...flags.filter((flag) => flag !== '--soak' && flag !== '--coverage'),
]
const child = spawn(execPath, [...options, ...files], { stdio: 'inherit' })
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 0 : 1)
})

/** Soak tests take minutes and prove what a short test cannot. */
function isSoak(file: string): boolean {
  return file.endsWith('.soak.test.ts')
}

/** What is covered is told by source maps: the loader leaves out comments and line ends. */
function coverageOptions(): string[] {
  const helpers = ['**/*.test.ts', '**/*.contract.ts', '**/testing/**']
  return [
    ...['--enable-source-maps', '--import', './scripts/cover-tests-only.mjs', '--experimental-test-coverage'],
    '--test-coverage-include=src/**',
    ...helpers.map((pattern) => `--test-coverage-exclude=${pattern}`),
  ]
}
