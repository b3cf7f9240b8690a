/**
 * A function in a process of its own: `node invoke.ts '[event, …]' MILLISECONDS` calls the handler with one event after
 * the other. What it answers goes to stderr, a line each; stdout is its log.
 */
import { lambdaHandler } from '../lambda-handler.ts'
import { fakeContext } from './fake-context.ts'
import { peopleJob } from './people-job.ts'

const handler = lambdaHandler(peopleJob())
const [, , events = '[]', milliseconds] = process.argv
for (const event of JSON.parse(events)) {
  const answer = await handler(event, fakeContext(Number(milliseconds ?? 60_000))).catch((error: Error) => ({
    errorType: error.name,
    errorMessage: error.message,
  }))
  process.stderr.write(`${JSON.stringify(answer)}\n`)
}
