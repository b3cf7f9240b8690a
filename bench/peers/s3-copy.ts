/**
 * Copies an object with the SDK alone, as people write it: the body of one GetObject, cut into parts of 8 MiB, four of
 * them under way at a time. It reads no row and promises nothing; it is as fast as bytes get from S3 to S3 in Node.
 *
 * Prints {"bytes"}.
 */
import { parseArgs } from 'node:util'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

const PART = 8 << 20
const UNDER_WAY = 4

const { values } = parseArgs({ options: { input: { type: 'string' }, output: { type: 'string' } } })
const [from, to] = [addressOf(values.input), addressOf(values.output)]
const client = new S3Client({ forcePathStyle: true })
const { Body } = await client.send(new GetObjectCommand(from))
const { UploadId } = await client.send(new CreateMultipartUploadCommand(to))
const parts: CompletedPart[] = []
const sending = new Set<Promise<void>>()
let [bytes, filled, number] = [0, 0, 1]
let part = Buffer.allocUnsafe(PART)
for await (const chunk of Body as AsyncIterable<Buffer>) {
  bytes += chunk.length
  for (let at = 0; at < chunk.length; ) {
    const taken = chunk.copy(part, filled, at)
    filled += taken
    at += taken
    if (filled < PART) continue
    await send(part)
    part = Buffer.allocUnsafe(PART)
    filled = 0
  }
}
if (filled > 0) await send(part.subarray(0, filled))
await Promise.all(sending)
const Parts = parts.toSorted((a, b) => Number(a.PartNumber) - Number(b.PartNumber))
await client.send(new CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }))
process.stdout.write(`${JSON.stringify({ bytes })}\n`)

async function send(Body: Buffer): Promise<void> {
  const PartNumber = number++
  const sent = client.send(new UploadPartCommand({ ...to, UploadId, PartNumber, Body })).then(({ ETag }) => {
    parts.push({ PartNumber, ETag })
    sending.delete(sent)
  })
  sending.add(sent)
  if (sending.size >= UNDER_WAY) await Promise.race(sending)
}

function addressOf(address: string | undefined): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address ?? '') ?? []
  if (Bucket === undefined || Key === undefined) throw new Error('--input and --output are addresses of objects')
  return { Bucket, Key }
}
