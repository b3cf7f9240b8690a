import { isS3 } from '../../storage/s3/s3-location.ts'
import { isSqs, parseSqs } from '../../storage/sqs/sqs-address.ts'
import type { BoundJob } from '../bind.ts'
import type { StateDirectory } from '../state-directory.ts'

/**
 * What the place of dead letters is to the run that none may be, whether a prefix of S3 or what a queue names for letters
 * that it does not take. Undefined when nothing stands against it.
 */
export function conflictOnS3(
  place: string,
  { source, sink }: Pick<BoundJob, 'source' | 'sink'>,
  { remote }: StateDirectory,
): string | undefined {
  const prefix = isSqs(place) ? parseSqs(place).overflow : place
  if (prefix === undefined || !isS3(prefix)) return undefined
  const input = source.description['path']
  if (typeof input === 'string' && isRead(prefix, input)) return 'lies in the prefix that is read'
  if (liesIn(prefix, sink.location)) return 'lies in the target, which is replaced'
  const own = remote === undefined ? [] : RECORDS.map((name) => `${remote.address}${name}/`)
  return own.some((records) => liesIn(prefix, records)) ? 'lies among the records of the state directory' : undefined
}

const RECORDS = ['runs', 'settled', 'ledger', 'audit', 'leases']

/** What lies there is an input; below a name that begins with "." or "_" nothing is read. */
export function isRead(prefix: string, input: string): boolean {
  return liesIn(prefix, input) && !/(^|\/)[._]/.test(prefix.slice(whole(input).length))
}

function liesIn(prefix: string, place: string): boolean {
  return isS3(place) && whole(place).endsWith('/') && whole(prefix).startsWith(whole(place))
}

/** With the slash behind a bucket that stands alone. */
function whole(address: string): string {
  return address.replace(/^s3:\/\/[^/]+$/, '$&/')
}
