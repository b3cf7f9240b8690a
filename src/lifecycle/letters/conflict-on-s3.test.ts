import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BoundJob } from '../bind.ts'
import { RemoteState } from '../remote-state.ts'
import { remoteState } from '../state-directory.ts'
import { conflictOnS3 } from './conflict-on-s3.ts'

const QUEUE = 'sqs://sqs.eu-central-1.amazonaws.com/123456789012/letters'

const PLACES: readonly (readonly [place: string, conflict: RegExp | undefined])[] = [
  ['s3://lake/in/', /lies in the prefix that is read/],
  ['s3://lake/in/rejected/', /lies in the prefix that is read/],
  ['s3://lake/in/_rejected/', undefined],
  ['s3://lake/input/', undefined],
  ['s3://lake/', undefined],
  ['s3://lake/out/_rejected/', /lies in the target/],
  ['s3://lake/state/audit/', /lies among the records/],
  ['s3://lake/state/dead-letters/', undefined],
  [`${QUEUE}?overflow=s3://lake/in/`, /lies in the prefix that is read/],
  [`${QUEUE}?overflow=s3://lake/long/`, undefined],
  [QUEUE, undefined],
]

describe('a place of dead letters on S3', () => {
  const state = remoteState(new RemoteState('s3://lake/state'))

  for (const [place, conflict] of PLACES) {
    it(`${conflict === undefined ? 'is taken' : 'is refused'}: ${place}`, () => {
      const found = conflictOnS3(place, job('s3://lake/in/', 's3://lake/out/'), state)
      if (conflict === undefined) assert.equal(found, undefined)
      else assert.match(found ?? '', conflict)
    })
  }

  it('is refused in a bucket that is read as a whole, and beside an object that is read alone it is taken', () => {
    assert.match(conflictOnS3('s3://lake/x/', job('s3://lake', 'out.csv'), state) ?? '', /is read/)
    assert.equal(conflictOnS3('s3://lake/in/', job('s3://lake/in/a.csv', 's3://lake/in'), state), undefined)
  })
})

function job(path: string, location: string): Pick<BoundJob, 'source' | 'sink'> {
  return { source: { description: { type: 'csv', path } }, sink: { location } } as unknown as BoundJob
}
