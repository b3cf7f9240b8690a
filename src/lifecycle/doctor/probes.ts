import { type ErrorCode, SluiceError } from '../../errors.ts'
import { probeS3 } from '../../storage/s3/probe-s3.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import type { Looked, Probe, Use } from './finding.ts'
import { probePath } from './probe-path.ts'
import { probeQueue } from './probe-queue.ts'
import { probeTopic } from './probe-topic.ts'

/** Who can look at which address, the first that fits. A new kind of place is one line. */
const PROBES: readonly (readonly [fits: RegExp, probe: Probe])[] = [
  [/^s3:\/\//, async ({ location, need }) => ({ status: 'ok', detail: await probeS3(location, need === 'read') })],
  [/^sqs:\/\//, probeQueue],
  [/^arn:[\w-]+:sns:/, probeTopic],
  // A request would be a message.
  [/^https?:\/\//, async () => ({ status: 'ok', detail: 'not tried' })],
  // What is no place, such as rows from memory.
  [/^(-$|\()/, async () => ({ status: 'ok', detail: 'nothing to check' })],
  [/^/, probePath],
]

/** Looks at a place. Throws what is wrong there. */
export async function probe(use: Use): Promise<Looked> {
  if (use.look !== undefined) return softened(use, use.look)
  const [, look] = PROBES.find(([fits]) => fits.test(use.location)) as (typeof PROBES)[number]
  return softened(use, look)
}

async function softened(use: Use, look: Probe): Promise<Looked> {
  if (use.optional !== true) return look(use)
  try {
    const looked = await look(use)
    return looked.status === 'failed' ? { ...looked, status: 'warning' } : looked
  } catch (error) {
    if (!(error instanceof SluiceError && BEARABLE.includes(error.code))) throw error
    return { status: 'warning', detail: error.message }
  }
}

/** What nobody asked for by name may be missing or closed; where nothing can be reached, no job will run. */
const BEARABLE: readonly ErrorCode[] = ['source-not-found', 'source-unauthorized']

/** The path of a webhook is as good as its password. */
export function shownPlace(location: string): string {
  if (isS3(location) || !/^https?:\/\//.test(location)) return location
  return `${new URL(location).origin}/…`
}
