import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../../storage/testing/s3/s3-server.ts'
import { testClient } from '../../storage/testing/s3/test-client.ts'
import { type Ended, ended, ensureBuilt, jsonLines } from './testing/sluice.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MAIN = join(ROOT, 'build/runtimes/cli/main.js')
/** How long ECS waits between SIGTERM and SIGKILL, unless it is told otherwise. */
const STOP_TIMEOUT_MS = 30_000

const JOB = `import { defineJob, readCsv, writeCsv } from 'sluice'

export default defineJob({
  name: 'worker',
  requiredParams: ['JOB_NAME'],
  extract: ({ params }) => readCsv(params['FROM'] ?? '-'),
  load: writeCsv('s3://lake/out.csv'),
})
`
/** Still loading when the signal comes. */
const LOADING = `process.stderr.write('loading\\n')
await new Promise((done) => setTimeout(done, 60_000))
export default {}
`

/**
 * What docker would do of it, where this machine lets us: another user without any capability, the first process of its
 * own namespace, a root that is read-only, a /tmp of its own.
 */
const ISOLATE = [
  ...['unshare', '--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c'],
  [
    'mount -t tmpfs -o mode=1777 tmpfs /tmp',
    'mount -o remount,bind,ro "$SLUICE_TEST_DISK"',
    'exec setpriv --reuid=1000 --regid=1000 --clear-groups --bounding-set=-all --no-new-privs "$@"',
  ].join(' && '),
  'sh',
]

describe('the command in a container', () => {
  let server: S3Server
  let place: string
  let isolated = false
  before(async () => {
    await ensureBuilt()
    server = await startS3Server({ buckets: ['lake'] })
    // Beside the build, for /tmp will be another one.
    mkdirSync(join(ROOT, 'build'), { recursive: true })
    place = mkdtempSync(join(ROOT, 'build/container-'))
    chmodSync(place, 0o755)
    writeFileSync(join(place, 'job.ts'), JOB)
    writeFileSync(join(place, 'loading.ts'), LOADING)
    writeFileSync(join(place, 'in.csv'), 'id\n1\n')
    isolated = mayIsolate()
  })
  after(async () => {
    rmSync(place, { recursive: true, force: true })
    await server.close()
  })

  it('is what the image starts, as a list and not as root', () => {
    const image = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    assert.match(image, /^ENTRYPOINT \["node", "\/opt\/sluice\/build\/runtimes\/cli\/main\.js"\]$/m)
    assert.match(image, /^USER node$/m)
    assert.match(image, /^VOLUME \/tmp$/m)
  })

  it('runs with nothing to write but /tmp', async (t) => {
    if (!isolated) t.diagnostic('this machine allows no namespaces: only the user and the directory are others')
    const { code, stderr } = await start(['run', 'job.ts', '--JOB_NAME', 'x', '--FROM', 'in.csv']).end
    assert.equal(code, 0, stderr)
    const { content } = server.buckets.get('lake')!.object('out.csv')
    assert.equal(`${await Array.fromAsync(content.read())}`, 'id\n1\n')
  })

  it('says what is missing where the state has no place', async (t) => {
    if (!isolated) return t.skip('this machine allows no namespaces')
    const { code, stderr } = await start(['run', 'job.ts', '--JOB_NAME', 'x', '--FROM', 'in.csv'], { SLUICE_STATE: '' })
      .end
    assert.equal(code, 4, stderr)
    assert.match(stderr, /^error: Cannot write .*\.sluice: the file system is read-only/m)
  })

  it('ends by SIGTERM with 130, leaves nothing, and does so long before it would be killed', async () => {
    const { child, end } = start(['run', 'job.ts', '--JOB_NAME', 'x', '--json'])
    await says(child, (text) => jsonLines(text).some((line) => line['msg'] === 'planned'))
    const started = Date.now()
    signal(child, 'SIGTERM')
    const { code, stdout } = await end
    assert.equal(code, 130)
    assert.ok(Date.now() - started < STOP_TIMEOUT_MS / 3, `it took ${Date.now() - started} ms`)
    assert.equal(JSON.parse(stdout).error.code, 'interrupted')
    const uploads = await testClient(server).send(new ListMultipartUploadsCommand({ Bucket: 'lake' }))
    assert.deepEqual(uploads.Uploads ?? [], [])
    const keys = [...server.buckets.get('lake')!.objects.keys()]
    assert.deepEqual(
      keys.filter((key) => /^\.sluice\/(runs|leases)\//.test(key)),
      [],
    )
  })

  it('ends by SIGTERM also when no run is at work yet', async () => {
    const { child, end } = start(['run', 'loading.ts'])
    await says(child, (text) => text.includes('loading'))
    signal(child, 'SIGTERM')
    const { code, stderr } = await end
    if (!isolated) return
    assert.equal(code, 130)
    assert.match(stderr, /\nerror: Ended by SIGTERM, with no run at work\.\n/)
  })

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const before = isolated ? ISOLATE : []
    const [command = '', ...words] = [...before, process.execPath, MAIN, ...args]
    const child = spawn(command, words, {
      cwd: place,
      env: {
        ...{ PATH: process.env['PATH'], HOME: '/nonexistent', SLUICE_TEST_DISK: diskOf(ROOT) },
        ...{ AWS_ENDPOINT_URL_S3: server.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
        ...{ AWS_REGION: 'us-east-1', SLUICE_STATE: 's3://lake/.sluice/' },
        ...env,
      },
    })
    const end: Promise<Ended> = ended(child)
    return { child, end }
  }

  /** Under `unshare` the command is its child. */
  function signal(child: ChildProcess, name: NodeJS.Signals): void {
    const { pid } = child
    const inner = isolated ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim() : `${pid}`
    process.kill(Number(inner), name)
  }

  function mayIsolate(): boolean {
    if (process.getuid?.() !== 0) return false
    const [command = '', ...words] = ISOLATE
    const look = `import { accessSync } from 'node:fs'; accessSync(${JSON.stringify(MAIN)})`
    const probe = [...words, process.execPath, '--input-type=module', '-e', look]
    return spawnSync(command, probe, { cwd: '/', env: { ...process.env, SLUICE_TEST_DISK: diskOf(ROOT) } }).status === 0
  }
})

/** Where the file system is mounted on which the path lies. */
function diskOf(path: string): string {
  const { stdout } = spawnSync('findmnt', ['--noheadings', '--output', 'TARGET', '--target', path], {
    encoding: 'utf8',
  })
  return stdout?.trim() || '/'
}

async function says(child: ChildProcess, right: (text: string) => boolean): Promise<void> {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += chunk
  })
  while (!right(text)) {
    assert.equal(child.exitCode, null, text)
    await sleep(20)
  }
}
