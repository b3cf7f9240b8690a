import { BatchPool } from '../records/batch-pool.ts'
import { type ByteIo, LARGE_INPUT_BYTES, pooledIo } from '../storage/byte-io.ts'

/** The memory and the I/O of one run on one thread. */
export interface Resources extends AsyncDisposable {
  readonly pool: BatchPool
  readonly io: ByteIo
}

/**
 * For an input of so many bytes, if that is known. A thread for I/O costs about 50 ms until it runs, beside the
 * others, and 18 MB: it pays from some tens of megabytes on. It starts here, so open resources early.
 */
export async function openResources(inputBytes: number | undefined): Promise<Resources> {
  const pool = new BatchPool()
  const io = (inputBytes ?? Number.POSITIVE_INFINITY) < LARGE_INPUT_BYTES ? pooledIo(pool.linear) : await threaded(pool)
  return { pool, io, [Symbol.asyncDispose]: () => io.close() }
}

async function threaded(pool: BatchPool): Promise<ByteIo> {
  const { threadIo } = await import('../storage/thread-io.ts')
  return threadIo(pool.linear)
}
