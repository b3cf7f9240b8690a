import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { startMessageServer } from '../../../storage/testing/message-server.ts'
import { GOOD, jobText } from '../testing/customers.ts'
import { ensureBuilt, sluice, workspace } from '../testing/sluice.ts'

describe('sluice doctor', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('says what a job would use and that all is well, and leaves no trace', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const { code, stdout, stderr } = await sluice(['doctor', 'job.ts'], place)
    assert.deepEqual([code, stderr], [0, ''])
    const lines = stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))
    assert.match(lines[0] as string, /^ok \| node \| v\d+\.\d+\.\d+ \| new enough$/)
    assert.match(lines[4] as string, /^(ok|warning) \| space \| \.sluice \| [\d.]+ GB free/)
    assert.deepEqual(lines.slice(1, 4), [
      'ok | configuration | none | not needed',
      'ok | environment | local (default) | known',
      'ok | state | .sluice (default) | will be made',
    ])
    assert.deepEqual(lines.slice(5), [
      'ok | source | in.csv | readable',
      'ok | target | out.csv | will be made',
      'ok | dead letters | .sluice/dead-letters/ (default) | will be made',
      '',
    ])
    assert.deepEqual(readdirSync(place.cwd).sort(), ['in.csv', 'job.ts'])
  })

  it('exits with 4 and names the fix when something is missing', async () => {
    using place = workspace({ 'job.ts': jobText() })
    const { code, stdout } = await sluice(['doctor', 'job.ts', '--json'], place)
    assert.equal(code, 4)
    const { environment, findings, exit_code: exitCode } = JSON.parse(stdout)
    assert.deepEqual([environment, exitCode], ['local', 4])
    assert.deepEqual(
      findings.filter(({ status }: { status: string }) => status === 'failed'),
      [
        {
          subject: 'source',
          used: 'in.csv',
          status: 'failed',
          detail: 'does not exist',
          fix: 'Check the path and the working directory.',
        },
      ],
    )
  })

  it('warns of a state directory into which others may look, and exits with 0', async () => {
    using place = workspace()
    mkdirSync(join(place.cwd, 'open'))
    chmodSync(join(place.cwd, 'open'), 0o755)
    const { code, stdout } = await sluice(['doctor'], { ...place, env: { SLUICE_STATE: 'open' } })
    assert.equal(code, 0)
    assert.match(
      stdout,
      /\nwarning +state +open \(SLUICE_STATE\) +others may look into it \(mode 0755\)\. Run chmod 700 /,
    )
  })

  it('names whoever decides, hides the paths of webhooks, and refuses what this version cannot do', async () => {
    using place = workspace()
    const config = `export default {
  environments: { dev: {
    buckets: 'lake/{layer}', notify: ['https://hooks.example.com/s3cret', 'arn:aws:sns:eu-west-1:123456789012:t'],
    deadLetters: 'sqs://sqs.eu-west-1.amazonaws.com/123456789012/q', audit: 's3://b/audits/',
  } },
}`
    writeFileSync(join(place.cwd, 'sluice.config.mjs'), config)
    const env = {
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'AKIAABCDEFGH1234' },
      ...{ AWS_SECRET_ACCESS_KEY: 'c4nary', AWS_REGION: 'eu-west-1' },
    }
    const { code, stdout } = await sluice(['doctor', '--env', 'dev'], { ...place, env })
    assert.equal(code, 4)
    assert.doesNotMatch(stdout, /s3cret|c4nary/)
    const lines = stdout.replace(/ {2,}/g, ' | ')
    assert.match(lines, /\nok \| environment \| dev \(--env\) \| known\n/)
    assert.match(lines, /\nfailed \| audit \| s3:\/\/b\/audits\/ \(sluice\.config\.mjs\) \| audit cannot be s3:/)
    assert.match(
      lines,
      /\nwarning \| silver \| lake\/silver\/ \(sluice\.config\.mjs\) \| does not exist\. Check the path/,
    )
    assert.match(lines, /\nfailed \| dead letters \| sqs:.* \| cannot be reached: /)
    assert.match(lines, /\nok \| notify \| https:\/\/hooks\.example\.com\/… \(sluice\.config\.mjs\) \| not tried\n/)
    assert.match(lines, /\nfailed \| notify \| arn:aws:sns:eu-west-1:123456789012:t .* \| cannot be reached: /)
  })

  it('asks queues and topics for their attributes, also those of the job, and sends nothing', async () => {
    await using messages = await startMessageServer()
    const [queue, topic] = [messages.queue('letters'), messages.topic('runs')]
    const own = `notify: ['${topic}', 'https://hooks.example.com/s3cret'],\n  name:`
    using place = workspace({ 'job.ts': jobText().replace('name:', own), 'in.csv': GOOD })
    const env = { ...messages.environment, SLUICE_DEAD_LETTERS: `https${queue.slice('sqs'.length)}` }
    const { code, stdout } = await sluice(['doctor', 'job.ts'], { ...place, env })
    assert.equal(code, 0, stdout)
    assert.doesNotMatch(stdout, /s3cret/)
    const lines = stdout.replace(/ {2,}/g, ' | ')
    assert.match(
      lines,
      /\nok \| dead letters \| https:\/\/sqs\..* \(SLUICE_DEAD_LETTERS\) \| reachable, arn:aws:sqs:.*:letters\n/,
    )
    assert.match(lines, /\nok \| notify \| arn:aws:sns:.*:runs \(job\) \| reachable\n/)
    assert.match(lines, /\nok \| notify \| https:\/\/hooks\.example\.com\/… \(job\) \| not tried\n/)
    assert.deepEqual(messages.bodies('letters'), [])
  })

  it('refuses a place of dead letters that a run would refuse, though it is there', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    mkdirSync(join(place.cwd, 'letters'))
    for (const [dlq, detail] of [
      ['in.csv', 'in\\.csv is the source; name another file'],
      ['.sluice/audit/dead.jsonl', 'lies among the records of the state directory; name another file'],
      ['letters', 'is a directory\\. Name a file\\.'],
    ]) {
      const { code, stdout } = await sluice(['doctor', 'job.ts', '--dlq', dlq as string], place)
      assert.equal(code, 4, stdout)
      assert.match(stdout, new RegExp(`\nfailed +dead letters +\\S+ \\(--dlq\\) +.*${detail}\n`))
    }
    assert.deepEqual(readdirSync(place.cwd).sort(), ['in.csv', 'job.ts', 'letters'])
  })

  it('misses what a webhook takes from the environment', async () => {
    const hook = "webhook(fromEnv('HOOK_URL'), { headers: { authorization: fromEnv('HOOK_TOKEN') } })"
    const job = `import { fromEnv, webhook } from 'sluice'\n${jobText().replace('name:', `notify: ${hook},\n  name:`)}`
    using place = workspace({ 'job.ts': job, 'in.csv': GOOD })
    const { code, stdout } = await sluice(['doctor', 'job.ts'], { ...place, env: { HOOK_URL: 'https://x/c4nary' } })
    assert.equal(code, 4)
    assert.match(stdout, /\nfailed +notify +\(webhook of HOOK_URL\) \(job\) +needs HOOK_TOKEN in the environment\n/)
    assert.doesNotMatch(stdout, /c4nary/)
    const whole = { HOOK_URL: 'https://x/c4nary', HOOK_TOKEN: 'c4nary' }
    assert.equal((await sluice(['doctor', 'job.ts'], { ...place, env: whole })).code, 0)
  })

  it('looks where the letters go that a queue does not take', async () => {
    await using messages = await startMessageServer()
    const queue = messages.queue('letters')
    messages.server.createBucket('there')
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const asked = (overflow: string) =>
      sluice(['doctor', 'job.ts', '--dlq', `${queue}?overflow=s3://${overflow}/x/`], {
        ...place,
        env: messages.environment,
      })
    assert.equal((await asked('there')).code, 0)
    const { code, stdout } = await asked('nowhere')
    assert.equal(code, 4)
    assert.match(stdout, /\nfailed +dead letters .* its overflow s3:\/\/nowhere\/x\/: .*the bucket does not exist/)
  })

  it('says so when S3 is not reachable, or nobody says whose credentials', async () => {
    using place = workspace({ 'job.ts': jobText().replace("'in.csv'", "'s3://some-bucket/in.csv'") })
    const env = {
      ...{ AWS_ACCESS_KEY_ID: 'AKIAABCDEFGH1234', AWS_SECRET_ACCESS_KEY: 'c4nary', AWS_REGION: 'eu-west-1' },
      ...{ SLUICE_ENDPOINT: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
    }
    const { code, stdout } = await sluice(['doctor', 'job.ts'], { ...place, env })
    assert.equal(code, 4)
    assert.doesNotMatch(stdout, /c4nary|AKIAABCD/)
    const lines = stdout.replace(/ {2,}/g, ' | ')
    assert.match(lines, /\nok \| S3 \| http:\/\/127\.0\.0\.1:9, eu-west-1 \| found\n/)
    assert.match(lines, /\nok \| credentials \| AKIA…1234 \| found\n/)
    assert.match(lines, /\nfailed \| source \| s3:\/\/some-bucket\/in\.csv \| cannot be reached: .*Check the endpoint/)
    const lake = await sluice(['doctor', '--env', 'dev'], { ...place, env })
    assert.equal(lake.code, 4)
    assert.match(lake.stdout, /\nfailed +bronze .* cannot be reached: .*Check the endpoint/)
  })
})
