import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { isConflict, isPreconditionFailed } from '../storage/s3/s3-error.ts'
import type { S3Location } from '../storage/s3/s3-location.ts'
import { readText, removeObject, writeText } from '../storage/s3/small-objects.ts'

/** The holder of a run whose state lies on S3, which no operating system tells dead from alive: it must show life. */
export interface RemoteLease {
  release(): Promise<void>
}

interface Holder {
  readonly holder: string
  readonly host: string
  readonly pid: number
  readonly expires_at: string
}

/**
 * Takes the lease that lies at this address, or one that has expired; undefined when somebody alive holds it. Renewed
 * until it is released. That it was taken over in spite of that, after a long standstill, is found out by the journal:
 * each of its versions replaces the one that its writer has read.
 */
export async function takeRemoteLease(place: S3Location): Promise<RemoteLease | undefined> {
  const holder = randomUUID()
  const now = await readText(place)
  if (now !== undefined && isAlive(JSON.parse(now.text))) return undefined
  try {
    const condition = now === undefined ? { IfNoneMatch: '*' as const } : { IfMatch: now.etag }
    return renewing(place, holder, await writeText(place, sign(holder), condition))
  } catch (error) {
    if (isPreconditionFailed(error) || isConflict(error)) return undefined
    throw error
  }
}

/** Looks only. */
export async function isLeased(place: S3Location): Promise<boolean> {
  const now = await readText(place)
  return now !== undefined && isAlive(JSON.parse(now.text))
}

function renewing(place: S3Location, holder: string, first: string): RemoteLease {
  let etag = first
  let renewal: Promise<void> = Promise.resolve()
  const renew = async () => {
    try {
      etag = await writeText(place, sign(holder), { IfMatch: etag })
    } catch {
      // The next renewal tries again. Whoever has taken the run over meanwhile also holds its journal.
      const now = await readText(place).catch(() => undefined)
      if (now !== undefined && holderOf(now.text) === holder) etag = now.etag
    }
  }
  const timer = setInterval(() => {
    renewal = renewal.then(renew)
  }, leaseMs() / 4)
  timer.unref()
  return {
    release: async () => {
      clearInterval(timer)
      await renewal
      try {
        const now = await readText(place)
        if (now !== undefined && holderOf(now.text) === holder) await removeObject(place)
      } catch {
        // It expires by itself, and what became of the run must not depend on it.
      }
    },
  }
}

function sign(holder: string): string {
  const expires = new Date(Date.now() + leaseMs()).toISOString()
  return JSON.stringify({ holder, host: hostname(), pid: process.pid, expires_at: expires } satisfies Holder)
}

function holderOf(text: string): string {
  return (JSON.parse(text) as Holder).holder
}

function isAlive({ expires_at: expires }: Holder): boolean {
  return Date.parse(expires) > Date.now()
}

/** How long a run that shows no life counts as alive. Clocks of the machines must agree to some seconds. */
function leaseMs(): number {
  return Number(process.env['SLUICE_LEASE_SECONDS'] ?? 60) * 1000
}
