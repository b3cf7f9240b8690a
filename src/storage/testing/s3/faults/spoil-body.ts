import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** How the connection ends in the middle of a body. */
export type Cut = 'resetAfter' | 'truncate' | 'stall'

/** Thrown behind the last bytes that the client gets. */
export class BodyCut extends Error {
  readonly cut: Cut

  constructor(cut: Cut) {
    super(`the body is cut: ${cut}`)
    this.cut = cut
  }
}

const SLICES_PER_SECOND = 20

/** The body as a client gets it under a fault. Faults that do not concern bodies leave it alone. */
export function spoilBody(body: AsyncIterable<Uint8Array>, fault: Fault | undefined): AsyncIterable<Uint8Array> {
  switch (fault?.kind) {
    case 'resetAfter':
    case 'truncate':
    case 'stall':
      return cutAfter(body, fault.bytes, fault.kind)
    case 'corrupt':
      return corruptedAt(body, fault.byte)
    case 'slow':
      return slowed(body, fault.bytesPerSecond)
    default:
      return body
  }
}

async function* cutAfter(body: AsyncIterable<Uint8Array>, most: number, cut: Cut): AsyncGenerator<Uint8Array> {
  let left = most
  for await (const bytes of body) {
    // A body that ends here is whole: only the next byte is missed.
    if (bytes.length > left) {
      yield bytes.subarray(0, left)
      throw new BodyCut(cut)
    }
    left -= bytes.length
    yield bytes
  }
}

async function* corruptedAt(body: AsyncIterable<Uint8Array>, place: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const bytes of body) {
    const index = place - at
    at += bytes.length
    if (index < 0 || index >= bytes.length) {
      yield bytes
      continue
    }
    const spoilt = Uint8Array.from(bytes)
    spoilt[index] = ~spoilt[index]!
    yield spoilt
  }
}

async function* slowed(body: AsyncIterable<Uint8Array>, bytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const slice = Math.max(1, Math.floor(bytesPerSecond / SLICES_PER_SECOND))
  for await (const bytes of body) {
    for (let at = 0; at < bytes.length; at += slice) {
      await pause((1000 * slice) / bytesPerSecond)
      yield bytes.subarray(at, at + slice)
    }
  }
}
