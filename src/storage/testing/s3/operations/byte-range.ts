import { S3Error } from '../protocol/s3-error.ts'

/** Bytes of an object; the end is exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a Range header asks of an object; null for all of it, which is also the answer to what cannot be read. */
export function byteRange(header: string | undefined, length: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return null
  if (first !== '' && last !== '' && Number(first) > Number(last)) return null
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? length : Math.min(Number(last) + 1, length)
  if (start < end) return { start, end }
  throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: header!,
    ActualObjectSize: length,
  })
}
