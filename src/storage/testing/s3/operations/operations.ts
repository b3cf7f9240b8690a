import { ALGORITHMS, checksumHeader } from '../bodies/checksums.ts'
import type { S3Answer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { abortMultipartUpload } from './abort-multipart-upload.ts'
import { createBucket, deleteBucket, headBucket, listBuckets } from './bucket-operations.ts'
import { completeMultipartUpload } from './complete-multipart-upload.ts'
import { copyObject } from './copy-object.ts'
import { createMultipartUpload } from './create-multipart-upload.ts'
import { deleteObject, deleteObjects } from './delete-objects.ts'
import { getObject, OVERRIDES } from './get-object.ts'
import { listObjects } from './list-objects.ts'
import { listMultipartUploads, listParts } from './list-uploads.ts'
import type { OperationName } from './operation-name.ts'
import { putObject } from './put-object.ts'
import { uploadPart } from './upload-part.ts'
import { uploadPartCopy } from './upload-part-copy.ts'

export interface Operation {
  readonly method: string
  readonly level: 'service' | 'bucket' | 'object'
  /** Features that make a request this operation: parameters, with their question mark, and headers. */
  readonly marks: readonly string[]
  /** Features that it may have beside them. A star at the end stands for any rest of the name. */
  readonly allows: readonly string[]
  /** What the credential must permit, in the words of IAM; null where the operation asks for itself. */
  readonly action: string | null
  readonly handle: (request: S3Request, context: S3Context) => Promise<S3Answer> | S3Answer
}

const DIGESTS = ['content-md5', 'x-amz-sdk-checksum-algorithm', ...ALGORITHMS.map(checksumHeader)]

const BODY = [...DIGESTS, 'x-amz-trailer', 'x-amz-decoded-content-length', 'content-encoding']

const DESCRIPTION = [
  ...['x-amz-meta-*', 'content-encoding', 'content-language', 'content-disposition'],
  ...['cache-control', 'expires'],
]

const READ_CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']

const WRITE_CONDITIONS = ['if-match', 'if-none-match']

const SOURCE_CONDITIONS = READ_CONDITIONS.map((condition) => `x-amz-copy-source-${condition}`)

const READ = [
  ...['range', 'x-amz-checksum-mode', ...READ_CONDITIONS],
  ...OVERRIDES.map((header) => `?response-${header}`),
]

const PAGE = ['?prefix', '?encoding-type']

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  ListBuckets: {
    method: 'GET',
    level: 'service',
    marks: [],
    allows: [],
    action: 's3:ListAllMyBuckets',
    handle: listBuckets,
  },
  CreateBucket: {
    method: 'PUT',
    level: 'bucket',
    marks: [],
    allows: DIGESTS,
    action: 's3:CreateBucket',
    handle: createBucket,
  },
  HeadBucket: {
    method: 'HEAD',
    level: 'bucket',
    marks: [],
    allows: [],
    action: 's3:ListBucket',
    handle: headBucket,
  },
  DeleteBucket: {
    method: 'DELETE',
    level: 'bucket',
    marks: [],
    allows: [],
    action: 's3:DeleteBucket',
    handle: deleteBucket,
  },
  ListObjectsV2: {
    method: 'GET',
    level: 'bucket',
    marks: ['?list-type'],
    allows: [...PAGE, '?delimiter', '?max-keys', '?continuation-token', '?start-after'],
    action: 's3:ListBucket',
    handle: listObjects,
  },
  PutObject: {
    method: 'PUT',
    level: 'object',
    marks: [],
    allows: [...BODY, ...DESCRIPTION, ...WRITE_CONDITIONS],
    action: 's3:PutObject',
    handle: putObject,
  },
  GetObject: {
    method: 'GET',
    level: 'object',
    marks: [],
    allows: READ,
    action: 's3:GetObject',
    handle: getObject,
  },
  HeadObject: {
    method: 'HEAD',
    level: 'object',
    marks: [],
    allows: READ,
    action: 's3:GetObject',
    handle: getObject,
  },
  DeleteObject: {
    method: 'DELETE',
    level: 'object',
    marks: [],
    allows: ['if-match'],
    action: 's3:DeleteObject',
    handle: deleteObject,
  },
  DeleteObjects: {
    method: 'POST',
    level: 'bucket',
    marks: ['?delete'],
    allows: BODY,
    action: null,
    handle: deleteObjects,
  },
  CopyObject: {
    method: 'PUT',
    level: 'object',
    marks: ['x-amz-copy-source'],
    allows: [...DESCRIPTION, ...WRITE_CONDITIONS, ...SOURCE_CONDITIONS, 'x-amz-metadata-directive'],
    action: 's3:PutObject',
    handle: copyObject,
  },
  CreateMultipartUpload: {
    method: 'POST',
    level: 'object',
    marks: ['?uploads'],
    allows: [...DESCRIPTION, 'x-amz-checksum-algorithm', 'x-amz-checksum-type'],
    action: 's3:PutObject',
    handle: createMultipartUpload,
  },
  UploadPart: {
    method: 'PUT',
    level: 'object',
    marks: ['?uploadId', '?partNumber'],
    allows: BODY,
    action: 's3:PutObject',
    handle: uploadPart,
  },
  UploadPartCopy: {
    method: 'PUT',
    level: 'object',
    marks: ['?uploadId', '?partNumber', 'x-amz-copy-source'],
    allows: [...SOURCE_CONDITIONS, 'x-amz-copy-source-range'],
    action: 's3:PutObject',
    handle: uploadPartCopy,
  },
  ListParts: {
    method: 'GET',
    level: 'object',
    marks: ['?uploadId'],
    allows: ['?max-parts', '?part-number-marker'],
    action: 's3:ListMultipartUploadParts',
    handle: listParts,
  },
  ListMultipartUploads: {
    method: 'GET',
    level: 'bucket',
    marks: ['?uploads'],
    allows: [...PAGE, '?max-uploads', '?key-marker', '?upload-id-marker'],
    action: 's3:ListBucketMultipartUploads',
    handle: listMultipartUploads,
  },
  CompleteMultipartUpload: {
    method: 'POST',
    level: 'object',
    marks: ['?uploadId'],
    allows: [...DIGESTS, ...WRITE_CONDITIONS, 'x-amz-checksum-type', 'x-amz-mp-object-size'],
    action: 's3:PutObject',
    handle: completeMultipartUpload,
  },
  AbortMultipartUpload: {
    method: 'DELETE',
    level: 'object',
    marks: ['?uploadId'],
    allows: [],
    action: 's3:AbortMultipartUpload',
    handle: abortMultipartUpload,
  },
}
