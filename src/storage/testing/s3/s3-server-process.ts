/**
 * The server in a process of its own: `node s3-server-process.ts '{"buckets":["b"],"faults":[…]}'` prints
 * `{"endpoint":"…"}`. Then each line of stdin is a command, and each is answered by one line of counts. The end of stdin
 * is the end of the process, so that it never outlives the one that started it.
 */
import { createInterface } from 'node:readline'
import type { FaultRule } from './faults/fault.ts'
import { type S3ServerOptions, startS3Server } from './s3-server.ts'

export interface ProcessOptions extends S3ServerOptions {
  /** Keys are strings: patterns are no JSON. */
  readonly faults?: readonly FaultRule[]
}

export interface ProcessCommand {
  readonly addFaults?: readonly FaultRule[]
  readonly clearFaults?: boolean
  readonly clearRequests?: boolean
}

export interface ProcessCounts {
  readonly requests: Record<string, number>
  readonly bytesServed: number
  readonly peakRssBytes: number
}

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? '{}'))

async function run({ faults = [], ...options }: ProcessOptions): Promise<void> {
  await using server = await startS3Server(options)
  for (const rule of faults) server.faults.add(rule)
  print({ endpoint: server.endpoint })
  for await (const line of createInterface({ input: process.stdin })) {
    const command: ProcessCommand = JSON.parse(line)
    if (command.clearFaults) server.faults.clear()
    if (command.clearRequests) server.requests.clear()
    for (const rule of command.addFaults ?? []) server.faults.add(rule)
    const counts: ProcessCounts = {
      requests: server.requests.counts(),
      bytesServed: server.requests.bytesServed(),
      // Linux counts it in kilobytes.
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    }
    print(counts)
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
