import { createHash } from 'node:crypto'
import { type Algorithm, startChecksum } from './checksums.ts'
import type { Content } from './content.ts'

export interface ContentDigests {
  readonly md5: Buffer
  readonly checksum: string
}

/** Reads what is stored once more, for copies whose digests nobody knows. */
export async function digestContent(content: Content, algorithm: Algorithm): Promise<ContentDigests> {
  const md5 = createHash('md5')
  const checksum = startChecksum(algorithm)
  for await (const bytes of content.read()) {
    md5.update(bytes)
    checksum.update(bytes)
  }
  return { md5: md5.digest(), checksum: await checksum.digest() }
}
