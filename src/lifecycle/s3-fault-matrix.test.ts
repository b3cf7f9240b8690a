import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Fault } from '../storage/testing/s3/faults/fault.ts'
import type { OperationName } from '../storage/testing/s3/operations/operation-name.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { inParallel } from './testing/children.ts'
import { type FaultCase, OLD, playFault, type Route } from './testing/s3-fault-case.ts'
import { copyJob, type S3Scenes, startS3Scenes } from './testing/s3-scene.ts'

// Long enough that no run which only waits for the processor takes S3 for dead.
process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'
// Thousands of runs flush their journals; what a disk does is proven elsewhere.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm'

/** Faults in bodies strike inside the smallest of them. */
const BYTE = 20
const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'status', status: 403, code: 'ExpiredToken' },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'lostAnswer' },
  { kind: 'errorIn200', code: 'InternalError' },
  { kind: 'resetAfter', bytes: BYTE },
  { kind: 'truncate', bytes: BYTE },
  { kind: 'stall', bytes: BYTE },
  { kind: 'corrupt', byte: BYTE },
  { kind: 'delay', milliseconds: 20 },
]
const EVER = Number.POSITIVE_INFINITY

const ONE = 'id,v\n1,new one\n2,new two\n'
const TWO = 'id,v\n3,new three\n4,\n2,twice\n5,new five\n'
const BOTH = 'id,v\n1,new one\n2,new two\n3,new three\n5,new five\n'
const PARTS = 'id,v\n1,new one\n2,new two\nid,v\n3,new three\n5,new five\n'

const PLAIN = { from: 'in.csv', onInvalid: 'fail', result: ONE } as const
const QUARANTINE = { from: 'in/', onInvalid: 'quarantine' } as const
const ROUTES: readonly Route[] = [
  { name: 'one object to one object', ...PLAIN, to: 'out.csv', state: 'local' },
  { name: 'one object to a prefix', ...PLAIN, to: 'out/', state: 'local' },
  { name: 'one object to one object, the state on S3', ...PLAIN, to: 'out.csv', state: 'on S3' },
  { name: 'one object to a prefix, the state on S3', ...PLAIN, to: 'out/', state: 'on S3' },
  { name: 'two objects with bad rows to one object', ...QUARANTINE, to: 'out.csv', state: 'local', result: BOTH },
  {
    name: 'two objects with bad rows to a prefix, the state on S3',
    ...QUARANTINE,
    to: 'out/',
    state: 'on S3',
    result: PARTS,
  },
]
const SIDE_BY_SIDE = 12

describe('a run from S3 to S3', () => {
  let s3: S3Scenes
  let seed: Bucket
  let cases = 0
  const outcomes = new Map<string, number>()

  before(async () => {
    s3 = await startS3Scenes(SIDE_BY_SIDE)
    seed = await seeded(s3)
  })
  after(async () => {
    await s3[Symbol.asyncDispose]()
    console.log(`# ${cases} cases: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`)
  })

  for (const route of ROUTES) {
    it(`of ${route.name} commits all or fails with nothing written, whatever S3 does`, async () => {
      const found = await casesOf(route)
      const problems: string[] = []
      const idle = [...s3.scenes]
      await inParallel(found, SIDE_BY_SIDE, async (one) => {
        const scene = idle.pop() as NonNullable<(typeof idle)[0]>
        const verdict = await playFault(scene, { seed, box: s3.path, index: cases++ }, one)
        idle.push(scene)
        const outcome = verdict.struck ? verdict.outcome : 'not struck'
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        problems.push(...verdict.problems.map((problem) => `${title(one)}: ${problem}`))
      })
      assert.equal(problems.length, 0, `${problems.length} problems:\n${problems.slice(0, 40).join('\n')}`)
    })
  }

  /** Every request of a run that goes well is struck once, and each kind of them three times and for ever. */
  async function casesOf(route: Route): Promise<readonly FaultCase[]> {
    const scene = s3.scenes[0] as NonNullable<(typeof s3.scenes)[0]>
    const never = { kind: 'delay', milliseconds: 0 } as const
    const well = { route, operation: 'ListBuckets', skip: 0, fault: never, times: 0 } as const
    const { problems, outcome, requests } = await playFault(scene, { seed, box: s3.path, index: cases++ }, well)
    assert.deepEqual([problems, outcome], [[], 'committed'])
    return [...requests].flatMap(([operation, count]) =>
      FAULTS.filter((fault) => canStrike(fault, operation)).flatMap((fault) => [
        ...Array.from({ length: fault.kind === 'delay' ? 1 : count }, (_, skip) => ({
          route,
          operation,
          skip,
          fault,
          times: 1,
        })),
        { route, operation, skip: 0, fault, times: 3 },
        { route, operation, skip: 0, fault, times: EVER },
        // An outage may begin at any moment.
        ...(fault.kind === 'reset'
          ? Array.from({ length: count - 1 }, (_, before) => ({
              route,
              operation,
              skip: before + 1,
              fault,
              times: EVER,
            }))
          : []),
      ]),
    )
  }
})

/** What every case finds: two inputs, and what an earlier run published. */
async function seeded({ scenes, path }: S3Scenes): Promise<Bucket> {
  const scene = scenes[0] as NonNullable<(typeof scenes)[0]>
  const seed = scene.addBucket('seed')
  await scene.put('s3://seed/in.csv', OLD)
  for (const to of ['out.csv', 'out/']) {
    await scene.run(copyJob('s3://seed/in.csv', `s3://seed/${to}`), { state: join(path, 'seed') })
  }
  await scene.put('s3://seed/in.csv', ONE)
  await scene.put('s3://seed/in/1.csv', ONE)
  await scene.put('s3://seed/in/2.csv', TWO)
  return seed
}

function canStrike(fault: Fault, operation: OperationName): boolean {
  if (fault.kind === 'errorIn200') return operation === 'CompleteMultipartUpload'
  // These have answers without bodies.
  const bodiless = ['HeadObject', 'HeadBucket', 'PutObject', 'UploadPart', 'DeleteObject', 'AbortMultipartUpload']
  return !(['resetAfter', 'truncate', 'stall', 'corrupt'].includes(fault.kind) && bodiless.includes(operation))
}

function title({ route, operation, skip, fault, times }: FaultCase): string {
  const often = times === EVER ? 'for ever' : `${times} times`
  const what = fault.kind === 'status' ? fault.status : fault.kind
  return `${route.name}: ${operation} ${skip + 1}: ${what} ${often}`
}
