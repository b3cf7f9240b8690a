import { type ReadObjectOptions, readObject, type S3Object } from './read-object.ts'

export interface OpenObject {
  readonly bytes: AsyncIterable<Buffer>
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
  return { bytes: behind(first, chunks), contentEncoding }
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
