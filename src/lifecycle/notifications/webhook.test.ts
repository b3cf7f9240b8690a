import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { fromEnv } from '../../config/secret.ts'
import { type HookServer, startHookServer } from '../testing/hook-server.ts'
import { notificationOf } from './notification.ts'
import type { Delivery } from './notifier.ts'
import { notifierOfPlan } from './notifiers.ts'
import { type WebhookOptions, webhook } from './webhook.ts'

let server: HookServer
before(async () => {
  server = await startHookServer()
})
after(async () => await server[Symbol.asyncDispose]())
afterEach(() => {
  server.hooks.length = 0
  server.answers.length = 0
})

const report = { run_id: 'run', job: 'job', rows: { loaded: 3, rejected: 1 }, error: null }
const told = notificationOf({ report, status: 'committed', environment: 'prod' }, 3)
const delivery: Delivery = { notification: told, key: 'key' }
const status =
  (code: number, headers = {}) =>
  (_: unknown, response: import('node:http').ServerResponse) =>
    response.writeHead(code, headers).end('the answer has C4N4RY in it')

describe('a webhook', () => {
  it('gets JSON, a key for what it has seen already, headers and a signature', async () => {
    process.env['HOOK_TOKEN'] = 'Bearer C4N4RY'
    const options = { headers: { Authorization: fromEnv('HOOK_TOKEN'), 'X-Team': 'data' }, secret: () => 'C4N4RY-2' }
    await webhook(`${server.url}/hook`, options).send(delivery)
    const [{ headers, body, path } = assert.fail()] = server.hooks
    assert.deepEqual([path, JSON.parse(body)], ['/hook', told])
    assert.deepEqual(
      [headers['content-type'], headers['idempotency-key'], headers.authorization, headers['x-team']],
      ['application/json', 'key', 'Bearer C4N4RY', 'data'],
    )
    const [, seconds, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['sluice-signature'])) ?? []
    assert.equal(createHmac('sha256', 'C4N4RY-2').update(`${seconds}.${body}`).digest('hex'), digest)
    assert.ok(Math.abs(Date.now() / 1000 - Number(seconds)) < 5)
  })

  it('that is busy or breaks is asked again, with the same key', async () => {
    server.answers.push(status(503), (_, response) => void response.socket?.resetAndDestroy())
    await webhook(server.url).send(delivery)
    assert.equal(server.hooks.length, 3)
    assert.deepEqual([...new Set(server.hooks.map(({ headers }) => headers['idempotency-key']))], ['key'])
  })

  it('that refuses is asked once; the error has neither its answer nor the path', async () => {
    server.answers.push(status(403))
    await assert.rejects(webhook(`${server.url}/C4N4RY`).send(delivery), (error: Error) => {
      assert.match(error.message, /^Cannot notify http:\/\/127\.0\.0\.1:\d+: it answered 403\.$/)
      return true
    })
    assert.equal(server.hooks.length, 1)
  })

  it('that is silent is given up in bounded time', async () => {
    server.answers.push(undefined, undefined, undefined)
    const started = performance.now()
    await assert.rejects(webhook(server.url, { timeoutMs: 100 }).send(delivery), /no answer within 100 ms/)
    assert.ok(performance.now() - started < 2000)
    assert.equal(server.hooks.length, 3)
  })

  it('may redirect on its own host, but neither elsewhere nor for ever', async () => {
    server.answers.push(status(307, { location: '/moved' }))
    await webhook(server.url).send(delivery)
    assert.deepEqual(
      server.hooks.map(({ path }) => path),
      ['/', '/moved'],
    )
    server.answers.push(status(308, { location: 'http://localhost:1/' }))
    await assert.rejects(webhook(server.url).send(delivery), /it redirects to another host/)
    server.answers.push(...Array.from({ length: 4 }, () => status(307, { location: '/again' })))
    await assert.rejects(webhook(server.url).send(delivery), /more than 3 times/)
    server.answers.push(status(302, { location: '/get' }))
    await assert.rejects(webhook(server.url).send(delivery), /it answered 302/)
  })

  it('keeps its secrets out of its plan, and is the same again where the environment has them', async () => {
    process.env['HOOK_URL'] = `${server.url}/C4N4RY`
    process.env['HOOK_TOKEN'] = 'C4N4RY'
    const hook = webhook(fromEnv('HOOK_URL'), { headers: { Authorization: fromEnv('HOOK_TOKEN') }, on: 'failure' })
    const plan = JSON.parse(JSON.stringify(hook.plan))
    assert.doesNotMatch(JSON.stringify([plan, hook.target]), /C4N4RY/)
    const again = notifierOfPlan(plan)
    assert.deepEqual([again.on, again.target, again.plan], ['failure', hook.target, hook.plan])
    await again.send(delivery)
    assert.equal(server.hooks[0]?.headers.authorization, 'C4N4RY')
    assert.equal(webhook('https://hooks.example.com/services/C4N4RY').target, 'https://hooks.example.com/…')
  })

  it('whose secret never comes is given up in bounded time', async () => {
    const never = () => new Promise<string>(() => {})
    const hooks = [
      webhook(never, { timeoutMs: 100 }),
      webhook(server.url, { headers: { 'x-a': never }, timeoutMs: 100 }),
    ]
    for (const hook of hooks) {
      await assert.rejects(hook.send(delivery), { code: 'secret-unavailable', message: /not provided within 100 ms/ })
    }
    assert.equal(server.hooks.length, 0)
  })

  it('that cannot be asked as it is says why, once and without the secret', async () => {
    const url = (text: string) => webhook(() => text)
    const header = (text: string) => webhook(server.url, { headers: { 'x-a': () => text } })
    for (const [hook, message] of [
      [url('C4N4RY'), /^The URL of the webhook must begin with https:/],
      [url(server.url.replace('//', '//me:C4N4RY@')), /hold no password/],
      [url('ftp://C4N4RY.example/'), /^The URL of the webhook must begin with https:/],
      [header('C4N4RY\nx'), /a header has characters that HTTP does not take/],
      [header('C4N4RY漢'), /a header has characters that HTTP does not take/],
      [url('http://127.0.0.1:9/C4N4RY'), /bad port/],
    ] as const) {
      await assert.rejects(hook.send(delivery), (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /C4N4RY/i)
        return true
      })
    }
    assert.equal(server.hooks.length, 0)
  })

  it('whose secret only the program knows says so when recovery is to send', async () => {
    const { plan } = webhook(server.url, { secret: () => 'C4N4RY' })
    await assert.rejects(notifierOfPlan(plan).send(delivery), {
      code: 'secret-unavailable',
      message: /the secret of the signature, which only the program that ran the job knows/,
    })
  })

  it('is refused when it is wrong', () => {
    const wrong: [string, WebhookOptions, RegExp][] = [
      ['ftp://example.com', {}, /must begin with https/],
      ['https://me:pass@example.com', {}, /must not hold a password/],
      ['https://example.com', { headers: { Authorization: 'Bearer x' } }, /fromEnv\('NAME'\)/],
      ['https://example.com', { headers: { 'Content-Type': 'text/plain' } }, /set by Sluice/],
      ['https://example.com', { headers: { 'a b': 'x' } }, /no name of a header/],
      ['https://example.com', { secret: 'x' } as never, /secret must be fromEnv/],
      ['https://example.com', { timeoutMs: 1 }, /timeoutMs must be/],
      ['https://example.com', { onn: 'failure' } as never, /did you mean "on"/],
    ]
    for (const [url, options, message] of wrong) {
      assert.throws(() => webhook(url, options), { code: 'job-invalid', message })
    }
  })
})
