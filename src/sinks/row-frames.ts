import { closeSync, openSync, readSync } from 'node:fs'

/** The rows of one batch. */
export interface Frame {
  readonly offset: number
  readonly rows: number
  readonly firstOrdinal: number
  /** Less `firstOrdinal`; ascending, unless a `through` stream changed the order. */
  readonly ordinals: Uint32Array
  /** Where each row ends, counted from `offset`. */
  readonly ends: Uint32Array
}

/** Bytes in front of the numbers of a frame. */
export const FRAME = 24

/** Reads some kilobytes at a time, which the system has in memory: waiting for another thread would take longer. */
export function* frames(path: string): Generator<Frame, void, void> {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(FRAME)
    for (let at = 0; readSync(file, head, 0, FRAME, at) === FRAME; ) {
      const rows = head.readUInt32LE(16)
      const numbers = new Uint32Array(rows * 2)
      readSync(file, numbers, 0, rows * 8, at + FRAME)
      yield {
        offset: head.readDoubleLE(0),
        rows,
        firstOrdinal: head.readDoubleLE(8),
        ordinals: numbers.subarray(0, rows),
        ends: numbers.subarray(rows),
      }
      at += FRAME + rows * 8
    }
  } finally {
    closeSync(file)
  }
}
