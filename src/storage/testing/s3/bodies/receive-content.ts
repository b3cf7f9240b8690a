import { type FileHandle, open } from 'node:fs/promises'
import type { S3Request } from '../protocol/s3-request.ts'
import type { Algorithm } from './checksums.ts'
import { type BodyFile, Content } from './content.ts'
import { type BodyDigests, readBody } from './request-body.ts'

export interface ReceivedContent extends BodyDigests {
  /** Whoever takes it over retains it; what nobody retained goes with `release`. */
  readonly content: Content
}

/** Streams the body into a file of its own, whatever its size, and hands it to `use` once it is proven right. */
export async function receiveContent<T>(
  request: S3Request,
  file: BodyFile,
  algorithms: readonly Algorithm[],
  use: (received: ReceivedContent) => T,
): Promise<T> {
  file.retain()
  try {
    const digests = await writeBody(request, await open(file.path, 'w'), algorithms)
    const { length } = digests
    return use({ ...digests, content: new Content(length === 0 ? [] : [{ file, start: 0, length }]) })
  } finally {
    file.release()
  }
}

async function writeBody(
  request: S3Request,
  opened: FileHandle,
  algorithms: readonly Algorithm[],
): Promise<BodyDigests> {
  await using handle = opened
  return await readBody(request, (bytes) => writeAll(handle, bytes), algorithms)
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done)).bytesWritten
  }
}
