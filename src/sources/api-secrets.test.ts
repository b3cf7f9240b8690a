import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { fromEnv } from '../config/secret.ts'
import type { Logger } from '../context.ts'
import { defineJob, type Job } from '../lifecycle/job.ts'
import { previewJob } from '../lifecycle/preview.ts'
import { runJob } from '../lifecycle/run.ts'
import { sandbox } from '../lifecycle/testing/sandbox.ts'
import { ensureBuilt, sluice } from '../runtimes/cli/testing/sluice.ts'
import { writeCsv } from '../sinks/csv.ts'
import { type ApiAuth, apiKey, basicAuth, bearer } from './api/auth.ts'
import { oauth2ClientCredentials } from './api/oauth2.ts'
import { readApi } from './api.ts'
import { type Answer, type Asked, apiServer, cutOff, items, json } from './testing/api-server.ts'

/** Each secret has this in it, and characters that are written in other ways elsewhere. */
const CANARY = 'C4N4RY'
const SECRETS = {
  API_TOKEN: `${CANARY}-token/+=&"1`,
  API_SECRET: `${CANARY}-secret/+=&"2`,
  API_PASSWORD: `${CANARY}-password/+=&"3`,
  API_KEY: `${CANARY}-key/+=&"4`,
}
const TOKEN = `${CANARY}.issued.5`
const PAIRS = ['me', 'client'].flatMap((user) => Object.values(SECRETS).map((secret) => [user, secret] as const))
const FORMS = [
  CANARY,
  ...PAIRS.flatMap(([user, secret]) =>
    [secret, encodeURIComponent(secret)].map((form) => Buffer.from(`${user}:${form}`).toString('base64')),
  ),
]

/** Whatever of the request could be echoed. */
const echo = ({ url, headers, body }: Asked) =>
  JSON.stringify({ url: url.href, headers, body, decoded: decodeURIComponent(url.search), token: TOKEN, ...SECRETS })

const send = (response: ServerResponse, code: number, type: string, text: string, more = {}) =>
  response.writeHead(code, { 'content-type': type, ...more }).end(text)

/** Page 1 is good and its link repeats the query; the answer for page 2 is what the scene is about. */
const SCENES: Readonly<Record<string, (asked: Asked, response: ServerResponse) => unknown>> = {
  'all is well': (_, response) => json(response, items(2, 4)),
  'rows are rejected': (_, response) => json(response, [{ id: 1, name: 'again' }, 'no row']),
  'the request is echoed as JSON': (asked, response) => send(response, 400, 'application/json', echo(asked)),
  'the request is echoed as text': (asked, response) => send(response, 422, 'text/plain', echo(asked)),
  'the request is echoed with escapes that nobody needs': (asked, response) =>
    send(response, 400, 'application/json', echo(asked).replaceAll('/', '\\/').replaceAll('+', '\\u002b')),
  'what is not found is echoed': (asked, response) => send(response, 404, 'application/json', echo(asked)),
  'credentials are refused': (asked, response) =>
    send(response, 401, 'application/json', echo(asked), { 'www-authenticate': `Bearer error="${TOKEN}"` }),
  'more is wanted': (asked, response) => send(response, 403, 'application/json', echo(asked)),
  'the server is busy': (asked, response) =>
    send(response, 503, 'application/json', echo(asked), { 'retry-after': '0' }),
  'JSON is wrong': (asked, response) => send(response, 200, 'application/json', `${echo(asked)}${CANARY}`),
  'the content type is wrong': (asked, response) => send(response, 200, `text/${CANARY}; x`, echo(asked)),
  'rows are elsewhere': (asked, response) => send(response, 200, 'application/json', echo(asked)),
  'it redirects away': ({ url }, response) =>
    response.writeHead(302, { location: `http://localhost:1${url.pathname}${url.search}&sig=${CANARY}` }).end(),
  'it redirects in circles': ({ url }, response) => response.writeHead(302, { location: url.href }).end(),
  'the next page is an earlier one': ({ url }, response) =>
    json(response, items(1, 2), { link: `<${url.href}>; rel=next` }),
  'the next page has them in its path': (_, response) => {
    const path = Object.values(SECRETS).map(encodeURIComponent).join('/').replaceAll('%2B', '+')
    json(response, items(1, 2), { link: `</${path}?page=3>; rel=next` })
  },
  'the next page is elsewhere': ({ url }, response) =>
    json(response, items(1, 2), { link: `<http://localhost:1/${url.search}>; rel=next` }),
  'the body is cut off': (asked, response) => cutOff(response, echo(asked), 30),
  'it is compressed oddly': (asked, response) =>
    send(response, 200, 'application/json', echo(asked), { 'content-encoding': CANARY.toLowerCase() }),
  'it is no HTTP': (_, response) => response.socket?.end(`${CANARY}\r\n\r\n`),
  'the token endpoint refuses': (_, response) => json(response, items(1, 2)),
}

function answerOf(scene: string): Answer {
  return (asked, response) => {
    const { url } = asked
    if (url.pathname === '/token') {
      if (scene === 'the token endpoint refuses') {
        return void send(
          response,
          400,
          'application/json',
          JSON.stringify({ error: TOKEN, error_description: echo(asked) }),
        )
      }
      return json(response, { access_token: TOKEN, token_type: 'bearer', expires_in: 60 })
    }
    const link = { link: `<${url.pathname}?page=2&${url.searchParams}>; rel=next` }
    if (url.searchParams.has('page')) SCENES[scene]?.(asked, response)
    else json(response, items(0, 2), link)
  }
}

const RETRY = { attempts: 2, firstDelayMs: 1 }

function waysToShow(origin: string): Readonly<Record<string, ApiAuth>> {
  const client = { tokenUrl: `${origin}/token`, clientId: 'client', scope: 'all' }
  return {
    bearer: bearer(SECRETS.API_TOKEN),
    provider: bearer(async () => SECRETS.API_TOKEN),
    basic: basicAuth({ user: 'me', password: fromEnv('API_PASSWORD') }),
    header: apiKey({ header: 'X-Api-Key', key: SECRETS.API_KEY }),
    query: apiKey({ query: 'k', key: fromEnv('API_KEY') }),
    oauth: oauth2ClientCredentials({ ...client, clientSecret: fromEnv('API_SECRET') }),
    form: oauth2ClientCredentials({
      ...client,
      clientSecret: SECRETS.API_SECRET,
      clientAuthentication: 'post',
      parameters: { device: SECRETS.API_TOKEN },
    }),
  }
}

/** All that a run in this process writes, returns, throws, logs and tells. */
async function allOf(job: Job, directory: string): Promise<string> {
  const told: unknown[] = [job, job.extract, (job.extract as { description?: unknown }).description]
  const line = (...parts: unknown[]) => void told.push(parts)
  const log: Logger = { debug: line, info: line, warn: line, error: line }
  const run = runJob(job, { state: join(directory, 'state'), log, onEvent: line })
  told.push(await run.then((report) => [report, report.toJSON()]).catch((error) => [error, error.stack, error.report]))
  told.push(await previewJob(job).catch((error) => error))
  const texts = told.map((one) => `${inspect(one, { depth: 12, showHidden: true })}\n${JSON.stringify(one)}`)
  return [...texts, ...filesOf(directory)].join('\n')
}

function filesOf(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
  return names.map((one) =>
    one.isFile() ? `${one.name}\n${readFileSync(join(one.parentPath, one.name), 'utf8')}` : one.name,
  )
}

function assertSilent(text: string, scene: string): void {
  for (const form of FORMS) {
    const at = text.toLowerCase().indexOf(form.toLowerCase())
    assert.equal(at, -1, `${scene}: ${text.slice(Math.max(0, at - 300), at + 100)}`)
  }
}

describe('secrets are written nowhere by the library', () => {
  before(() => Object.assign(process.env, SECRETS))

  for (const scene of Object.keys(SCENES)) {
    it(`when ${scene}`, async () => {
      await using server = await apiServer(answerOf(scene))
      for (const auth of Object.values(waysToShow(server.origin))) {
        using box = sandbox('secrets')
        const job = defineJob({
          name: 'secrets',
          extract: readApi({
            url: `${server.origin}/?api_key=${encodeURIComponent(SECRETS.API_KEY)}`,
            headers: { 'x-auth-token': CANARY },
            auth,
            paginate: { by: 'link' },
            retry: RETRY,
          }),
          validate: { uniqueColumns: ['id'] },
          load: writeCsv(join(box.path, 'out.csv')),
        })
        const all = await allOf(job, box.path)
        assert.ok(all.includes('"run_id"'), 'there is something to look at')
        assertSilent(all, scene)
      }
    })
  }
})

describe('secrets are written nowhere by the command', () => {
  before(ensureBuilt)

  const JOB = `
    import { apiKey, defineJob, fromEnv, oauth2ClientCredentials, readApi, writeCsv } from 'sluice'
    const origin = process.env.ORIGIN
    export default defineJob({
      name: 'secrets',
      extract: readApi({
        url: origin + '/?api_key=' + encodeURIComponent(process.env.API_KEY),
        headers: { 'x-auth-token': process.env.API_TOKEN.slice(0, 6) },
        auth: [
          oauth2ClientCredentials({
            tokenUrl: origin + '/token', clientId: 'client', clientSecret: fromEnv('API_SECRET'),
          }),
          apiKey({ query: 'k', key: () => process.env.API_KEY }),
        ],
        paginate: { by: 'link' },
        retry: { attempts: 2, firstDelayMs: 1 },
      }),
      validate: { uniqueColumns: ['id'] },
      load: writeCsv('out.csv'),
    })`

  for (const scene of Object.keys(SCENES)) {
    it(`when ${scene}`, async () => {
      await using server = await apiServer(answerOf(scene))
      using box = sandbox('secrets')
      writeFileSync(join(box.path, 'job.mjs'), JOB)
      const env = { ...SECRETS, ORIGIN: server.origin, SLUICE_LOG: 'debug' }
      const args = ['run', 'job.mjs', '--json', '--verbose', '--state', 'state']
      const { code, stdout, stderr } = await sluice(args, { cwd: box.path, env })
      assert.equal(code === 0, scene === 'all is well', `${code} ${stderr}`)
      assert.notEqual(code, 2, stderr)
      assertSilent([stdout, stderr, ...filesOf(box.path)].join('\n'), scene)
    })
  }
})
