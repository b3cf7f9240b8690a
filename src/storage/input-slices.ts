import { open } from 'node:fs/promises'
import type { Input } from './inputs.ts'
import { readError } from './read-error.ts'
import { readObject } from './s3/read-object.ts'
import { keepAccess } from './s3/s3-access.ts'
import { parseS3 } from './s3/s3-location.ts'

/** Reads stretches of an input in any order, each into memory of its own. */
export interface InputSlices {
  /** The bytes [start, end); fewer when a file ends before. */
  slice(start: number, end: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Throws `source-failed`, `source-not-found`; of an object that was replaced `source-changed`. */
export async function openSlices(
  input: Pick<Input, 'source' | 'bytes' | 'etag'>,
  signal: AbortSignal,
): Promise<InputSlices> {
  return input.etag === undefined ? await fileSlices(input.source, signal) : objectSlices(input, signal)
}

async function fileSlices(path: string, signal: AbortSignal): Promise<InputSlices> {
  const file = await open(path).catch((error) => {
    throw readError(error, path, 'source-not-found')
  })
  return {
    slice: async (start, end) => {
      signal.throwIfAborted()
      const bytes = Buffer.allocUnsafeSlow(end - start)
      let at = 0
      while (at < bytes.length) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at).catch((error) => {
          throw readError(error, path, 'source-failed')
        })
        if (bytesRead === 0) break
        at += bytesRead
      }
      return bytes.subarray(0, at)
    },
    close: () => file.close(),
  }
}

/** Of one version of an object. */
function objectSlices(
  { source, bytes, etag }: Pick<Input, 'source' | 'bytes' | 'etag'>,
  signal: AbortSignal,
): InputSlices {
  const object = { ...parseS3(source), bytes, etag: etag as string }
  const inside = keepAccess()
  const read = async (start: number, end: number) => {
    const slice = Buffer.allocUnsafeSlow(end - start)
    let at = 0
    for await (const chunk of readObject(object, { range: { start, end }, signal })) at += chunk.copy(slice, at)
    return slice.subarray(0, at)
  }
  return {
    slice: (start, end) => inside(() => read(start, end)),
    close: async () => {},
  }
}
