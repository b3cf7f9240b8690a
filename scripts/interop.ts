// The interop lane: Sluice against programs that others wrote. `npm run test:interop`, or with files behind ` -- `.
// It needs Python 3.11 or later with venv, and Java 17 for Spark. What lacks them is skipped, which is said; with CI=true
// that fails.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { MOTO_FAILS } from '../src/storage/testing/s3/conformance/moto-fails.ts'
import { startMoto } from './interop/moto.ts'
import { installPython, VENV } from './interop/python.ts'
import { installSpark } from './interop/spark.ts'

const BUCKET = 'interop'

const problem = installPython()
if (problem === undefined) process.exitCode = await runLane()
else process.exitCode = skipped('all', problem)

async function runLane(): Promise<number> {
  const spark = await installSpark()
  const without = spark.problem === undefined ? 0 : skipped('Spark', spark.problem)
  using moto = await startMoto(BUCKET)
  const code = await test({
    ...moto.environment,
    INTEROP_BUCKET: BUCKET,
    INTEROP_PYTHON: `${VENV}/bin/python`,
    ...(spark.jars === undefined ? {} : { INTEROP_SPARK_JARS: spark.jars }),
    S3_CONFORMANCE_ENDPOINT: moto.endpoint,
    S3_CONFORMANCE_BUCKET: BUCKET,
    S3_CONFORMANCE_SKIP: MOTO_FAILS.join('\n'),
  })
  return code === 0 ? without : code
}

function skipped(what: string, why: string): number {
  process.stdout.write(`interop: SKIPPED ${what}, ${why}\n`)
  return process.env['CI'] === 'true' ? 1 : 0
}

function test(environment: Record<string, string>): Promise<number> {
  const all = ['src/storage/testing/s3/s3-server.test.ts', ...globSync('src/**/*.interop.test.ts').sort()]
  const named = process.argv.slice(2)
  const files = named.length > 0 ? named : all
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=600000', '--test-force-exit', ...files],
    {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    },
  )
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
}
