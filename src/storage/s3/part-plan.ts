/** Parts are numbered from 1 to this. */
export const MOST_PARTS = 10_000

/**
 * How long each part of an upload is: 8 MiB, and twice as much after every 1,000 parts up to 1 GiB, so that objects of
 * 3.9 TiB fit, while memory stays small for what people usually write. Every part but the last one must have 5 MiB.
 */
export function partBytes(number: number): number {
  return FIRST << Math.min(MOST_DOUBLINGS, Math.floor((number - 1) / 1000))
}

const FIRST = 8 << 20
const MOST_DOUBLINGS = 7
