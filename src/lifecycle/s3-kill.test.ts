import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureBuilt, sluice, workspace } from '../runtimes/cli/testing/sluice.ts'
import { CRASH_POINTS, type CrashPoint, REMOTE_STEPS } from '../storage/crash-point.ts'
import { type MessageServer, startMessageServer } from '../storage/testing/message-server.ts'
import { type S3Server, startS3Server } from '../storage/testing/s3/s3-server.ts'
import { type HookServer, startHookServer } from './testing/hook-server.ts'

/** Steps that only other targets pass, and letters in a file. */
const LOCAL: readonly CrashPoint[] = [
  'marker-writing',
  'target-adopted',
  'target-cleared',
  'link-prepared',
  'stream-delivering',
  'target-unlocked',
  'staging-aborted',
  'letters-started',
]
const STEPS = CRASH_POINTS.filter((step) => !LOCAL.includes(step))
const BUCKET = 'lake'
const LEASE_SECONDS = 1

describe('a run whose state lies on S3, killed', { concurrency: 3 }, () => {
  let server: S3Server
  let messages: MessageServer
  let hooks: HookServer
  before(async () => {
    await ensureBuilt()
    server = await startS3Server({ buckets: [BUCKET] })
    messages = await startMessageServer()
    hooks = await startHookServer()
  })
  after(async () => {
    await server.close()
    await messages[Symbol.asyncDispose]()
    await hooks[Symbol.asyncDispose]()
  })

  /** Of the one the letters go to the state, of the other to a queue, and its end is told. */
  for (const name of ['out.csv', 'out/']) {
    const tells = name === 'out/'
    for (const step of tells ? STEPS : STEPS.filter((each) => !REMOTE_STEPS.includes(each))) {
      it(`at ${step} leaves ${name} old or new, and another machine settles it, letters and notifications included`, async () => {
        const place = `${step}-${name.replace('/', '')}`
        using here = machine(`${place}-here`)
        using there = machine(`${place}-there`)
        const target = `s3://${BUCKET}/${place}/${name}`
        const state = `s3://${BUCKET}/${place}/state/`
        const load = (file: string, more: Record<string, string> = {}) =>
          sluice(
            ['load', file, target, '--state', state, '--unique', 'id', '--required', 'v', '--on-invalid', 'quarantine'],
            { ...here, env: { ...here.env, ...more } },
          )
        const elsewhere: Record<string, string> = tells
          ? {
              SLUICE_DEAD_LETTERS: messages.queue(`${place}.fifo`, { FifoQueue: 'true' }),
              SLUICE_NOTIFY: `${hooks.url}/${place}`,
            }
          : {}
        assert.equal((await load('old.csv')).code, 0)
        const killed = await load('new.csv', { ...elsewhere, SLUICE_CRASH_AT: step })
        assert.equal(killed.code, null, killed.stderr)
        assert.ok([OLD, NEW].includes(await published(place, name)), 'neither the old nor the new data')
        await sleep(LEASE_SECONDS * 1000 + 200)

        const recovered = await sluice(['recover', '--state', state, '--json'], there)
        assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr)
        const data = await published(place, name)
        const decided = STEPS.indexOf(step) >= STEPS.indexOf('run-decided')
        assert.equal(data, decided ? NEW : OLD)
        const letters = tells ? messages.bodies(`${place}.fifo`) : await lettersOf(place)
        assert.equal(new Set(letters.map((letter) => JSON.parse(letter).id)).size, decided ? 2 : 0)
        assert.equal(letters.length, decided ? 2 : 0, 'each letter is there once')
        if (tells && decided) await checkTold(place)
        assert.deepEqual(uploadsAt(place), [])
        assert.deepEqual(keysBelow(`${place}/state/runs/`), [])
        const again = await sluice(['recover', '--state', state, '--json'], there)
        assert.deepEqual([again.code, JSON.parse(again.stdout).runs], [0, []])
      })
    }
  }

  /** Everything that a machine has of its own. */
  function machine(name: string) {
    const files = { 'old.csv': OLD_INPUT, 'new.csv': NEW_INPUT }
    const box = workspace(files)
    const env = {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      SLUICE_LEASE_SECONDS: String(LEASE_SECONDS),
      SLUICE_COPY: join(box.cwd, `copy-${name}`),
    }
    return { cwd: box.cwd, env, [Symbol.dispose]: () => box[Symbol.dispose]() }
  }

  /** Of the default place, which lies with the state. */
  async function lettersOf(place: string): Promise<readonly string[]> {
    const texts = await Promise.all(keysBelow(`${place}/state/dead-letters/`).map(textAt))
    return texts.flatMap((text) => text.trimEnd().split('\n'))
  }

  /** Once, or again with the same key; and the ledger knows. */
  async function checkTold(place: string): Promise<void> {
    const told = hooks.hooks.filter(({ path }) => path === `/${place}`)
    assert.ok(told.length === 1 || told.length === 2)
    assert.equal(new Set(told.map(({ headers }) => headers['idempotency-key'])).size, 1)
    for (const { body } of told) assert.equal(JSON.parse(body).status, 'committed')
    const entries = await Promise.all(keysBelow(`${place}/state/ledger/`).map(textAt))
    const results = entries.flatMap((text) => JSON.parse(text).report.notifications ?? [])
    assert.deepEqual(results, [{ target: `${hooks.url}/…`, status: 'sent' }])
  }

  async function published(place: string, name: string): Promise<string> {
    if (name === 'out.csv') return await textAt(`${place}/out.csv`)
    const manifest = JSON.parse(await textAt(`${place}/out/_manifest.json`))
    return (await Promise.all(manifest.files.map(({ key }: { key: string }) => textAt(key)))).join('')
  }

  async function textAt(key: string): Promise<string> {
    const object = server.buckets.get(BUCKET)?.objects.get(key)
    assert.ok(object, `${key} is not there`)
    return Buffer.concat(await Array.fromAsync(object.content.read())).toString()
  }

  function uploadsAt(place: string): readonly string[] {
    const uploads = server.buckets.get(BUCKET)?.uploads.values() ?? []
    return [...uploads].map(({ key }) => key).filter((key) => key.startsWith(`${place}/`))
  }

  function keysBelow(prefix: string): readonly string[] {
    return [...(server.buckets.get(BUCKET)?.objects.keys() ?? [])].filter((key) => key.startsWith(prefix))
  }
})

const OLD = 'id,v\n1,old\n'
const NEW = 'id,v\n1,new\n2,new\n'
const OLD_INPUT = OLD
/** A row that a rule rejects, and one that only the judge can: so there are letters of both kinds. */
const NEW_INPUT = 'id,v\n1,new\n2,new\n3,\n2,twice\n'
