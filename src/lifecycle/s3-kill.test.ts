import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureBuilt, sluice, workspace } from '../runtimes/cli/testing/sluice.ts'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { type S3Server, startS3Server } from '../storage/testing/s3/s3-server.ts'

/** Steps that only other targets pass. */
const LOCAL: readonly CrashPoint[] = [
  'marker-writing',
  'target-adopted',
  'target-cleared',
  'link-prepared',
  'stream-delivering',
  'target-unlocked',
  'staging-aborted',
]
const STEPS = CRASH_POINTS.filter((step) => !LOCAL.includes(step))
const BUCKET = 'lake'
const LEASE_SECONDS = 1

describe('a run whose state lies on S3, killed', { concurrency: 3 }, () => {
  let server: S3Server
  before(async () => {
    await ensureBuilt()
    server = await startS3Server({ buckets: [BUCKET] })
  })
  after(() => server.close())

  for (const name of ['out.csv', 'out/']) {
    for (const step of STEPS) {
      it(`at ${step} leaves ${name} old or new, and another machine settles it`, async () => {
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
        assert.equal((await load('old.csv')).code, 0)
        const killed = await load('new.csv', { SLUICE_CRASH_AT: step })
        assert.equal(killed.code, null, killed.stderr)
        assert.ok([OLD, NEW].includes(await published(place, name)), 'neither the old nor the new data')
        await sleep(LEASE_SECONDS * 1000 + 200)

        const recovered = await sluice(['recover', '--state', state, '--json'], there)
        assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr)
        const data = await published(place, name)
        assert.equal(data, STEPS.indexOf(step) < STEPS.indexOf('run-decided') ? OLD : NEW)
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
