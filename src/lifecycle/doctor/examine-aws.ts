import { type Caller, describeCaller } from '../../storage/s3/describe-caller.ts'
import type { Finding } from './finding.ts'

/** With which S3, where and as whom a run would speak. */
export async function examineAws(): Promise<readonly Finding[]> {
  const caller = await describeCaller()
  return [
    {
      subject: 'S3',
      used: placeOf(caller),
      ...part(caller.region, 'Set AWS_REGION, or `region` in the configuration.'),
    },
    {
      subject: 'credentials',
      used: caller.accessKey instanceof Error ? 'none' : nameOf(caller),
      ...part(caller.accessKey, 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role.'),
    },
  ]
}

function placeOf({ endpoint, region }: Caller): string {
  return [endpoint ?? 'AWS', region instanceof Error ? '' : region].filter((text) => text !== '').join(', ')
}

function nameOf({ accessKey, account, session }: Caller): string {
  const of = account === undefined ? '' : ` of account ${account}`
  return `${accessKey}${of}${session ? ', for a session' : ''}`
}

function part(value: string | Error, fix: string): Pick<Finding, 'status' | 'detail' | 'fix'> {
  return value instanceof Error ? { status: 'failed', detail: value.message, fix } : { status: 'ok', detail: 'found' }
}
