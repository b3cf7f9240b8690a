import { createHash } from 'node:crypto'
import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc'
import { invalidRequest } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const

export type Algorithm = (typeof ALGORITHMS)[number]

/** S3 takes this one where the client names none. */
export const DEFAULT_ALGORITHM: Algorithm = 'CRC64NVME'

/** COMPOSITE is a checksum of the checksums of parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

export interface RunningChecksum {
  update(bytes: Uint8Array): void
  /** In base64, as all headers have it. */
  digest(): Promise<string>
}

export function startChecksum(algorithm: Algorithm | 'MD5'): RunningChecksum {
  if (algorithm === 'MD5' || algorithm === 'SHA1' || algorithm === 'SHA256') return startHash(algorithm)
  const crc = new { CRC32: Crc32, CRC32C: Crc32c, CRC64NVME: Crc64Nvme }[algorithm]()
  return {
    update: (bytes) => crc.update(bytes),
    digest: async () => Buffer.from(await crc.digest()).toString('base64'),
  }
}

function startHash(algorithm: string): RunningChecksum {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest('base64') }
}

export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

/** The element that holds it in documents. */
export function checksumElement(algorithm: Algorithm): string {
  return `Checksum${algorithm}`
}

export function parseAlgorithm(text: string): Algorithm {
  const algorithm = ALGORITHMS.find((known) => known === text.toUpperCase())
  if (algorithm === undefined) throw invalidRequest(`Checksum algorithm provided is unsupported: ${text}`)
  return algorithm
}

/** The one algorithm whose checksum the request brings along, in a header or behind the body. */
export function declaredAlgorithm({ headers }: S3Request): Algorithm | undefined {
  const brought = ALGORITHMS.filter(
    (algorithm) => checksumHeader(algorithm) in headers || headers['x-amz-trailer'] === checksumHeader(algorithm),
  )
  if (brought.length > 1) throw invalidRequest('Expecting a single x-amz-checksum- header.')
  const named = headers['x-amz-sdk-checksum-algorithm']
  if (named !== undefined && parseAlgorithm(named) !== brought[0]) {
    throw invalidRequest('x-amz-sdk-checksum-algorithm specified, but no corresponding checksum was found.')
  }
  return brought[0]
}
