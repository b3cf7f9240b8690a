import { Readable } from 'node:stream'
import { type ReadObjectOptions, readObject, type S3Object } from './read-object.ts'

/**
 * Read before the job asks for them, so that it hardly notices a connection that is opened again. At most 8 MiB, for a
 * socket gives up to 64 KiB at a time.
 */
const CHUNKS_AHEAD = 128

export interface OpenObject {
  readonly bytes: Readable
  /** What the object's metadata says of how it is packed. */
  readonly contentEncoding: string | undefined
}

/** The bytes of an object, when S3 has begun to answer. Throws as `readObject` does. */
export async function openObject(object: S3Object, options: ReadObjectOptions): Promise<OpenObject> {
  let contentEncoding: string | undefined
  const chunks = readObject(object, {
    ...options,
    onHeaders: (headers) => {
      contentEncoding = headers.ContentEncoding
    },
  })
  const first = await chunks.next()
  return { bytes: Readable.from(behind(first, chunks), { highWaterMark: CHUNKS_AHEAD }), contentEncoding }
}

async function* behind(
  first: IteratorResult<Buffer, void>,
  chunks: AsyncGenerator<Buffer, void, void>,
): AsyncGenerator<Buffer, void, void> {
  try {
    if (first.done) return
    yield first.value
    yield* chunks
  } finally {
    await chunks.return()
  }
}
