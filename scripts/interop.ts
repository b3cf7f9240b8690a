// The interop lane: Sluice against servers that others wrote. `npm run test:interop` needs Python 3.9 or later with venv;
// without it, it says so and does nothing, but with CI=true it fails.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { MOTO_FAILS } from '../src/storage/testing/s3/conformance/moto-fails.ts'

const MOTO = '5.2.1'
const VENV = '.venv-interop'
const BUCKET = 'interop'

const problem = prepare()
if (problem === undefined) process.exitCode = await runLane()
else {
  process.stdout.write(`interop: SKIPPED, ${problem}\n`)
  process.exitCode = process.env['CI'] === 'true' ? 1 : 0
}

/** Installs the server once, in a folder that git ignores. What is in the way of that, if anything. */
function prepare(): string | undefined {
  const done = `${VENV}/moto-${MOTO}`
  if (existsSync(done)) return undefined
  const version = spawnSync('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 9))'])
  if (`${version.stdout}`.trim() !== 'True') return 'there is no python3 of version 3.9 or later with venv'
  rmSync(VENV, { recursive: true, force: true })
  for (const [command, ...words] of [
    ['python3', '-m', 'venv', VENV],
    [`${VENV}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${MOTO}`],
  ] as const) {
    const { status, stderr } = spawnSync(command, words, { stdio: ['ignore', 'inherit', 'pipe'] })
    if (status !== 0) return `${command} ${words.join(' ')} failed: ${`${stderr}`.trim().split('\n').at(-1)}`
  }
  writeFileSync(done, '')
  return undefined
}

async function runLane(): Promise<number> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = spawn(`${VENV}/bin/moto_server`, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  }
  try {
    await createBucket(server, { ...environment })
    return await test({
      ...environment,
      INTEROP_BUCKET: BUCKET,
      S3_CONFORMANCE_ENDPOINT: endpoint,
      S3_CONFORMANCE_BUCKET: BUCKET,
      S3_CONFORMANCE_SKIP: MOTO_FAILS.join('\n'),
    })
  } finally {
    server.kill()
  }
}

/** The server has started when it has made one. */
async function createBucket(server: ChildProcess, environment: Record<string, string>): Promise<void> {
  Object.assign(process.env, environment)
  const client = new S3Client({ forcePathStyle: true, maxAttempts: 1 })
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
      return
    } catch (error) {
      if (attempt === 300 || server.exitCode !== null) throw error
      await sleep(100)
    }
  }
}

function test(environment: Record<string, string>): Promise<number> {
  const files = ['src/storage/testing/s3/s3-server.test.ts', ...globSync('src/**/*.interop.test.ts').sort()]
  const child = spawn(process.execPath, ['--import', 'tsx', '--test', '--test-concurrency=1', ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}
