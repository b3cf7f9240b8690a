import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { refused, Scene } from './conformance/scene.ts'
import { startS3Server } from './s3-server.ts'
import { testClient } from './test-client.ts'

const server = await startS3Server({ buckets: ['bucket'] })
const client = testClient(server)
after(async () => {
  client.destroy()
  await server.close()
})

describe('the strictness of the S3 server', () => {
  it('answers what it does not model with 501, and does nothing', async () => {
    const at = { Bucket: 'bucket', Key: 'object' }
    const commands = [
      new PutObjectCommand({ ...at, Body: 'x', Tagging: 'a=b' }),
      new PutObjectCommand({ ...at, Body: 'x', ServerSideEncryption: 'AES256' }),
      new PutObjectCommand({ ...at, Body: 'x', ACL: 'public-read' }),
      new PutObjectCommand({ ...at, Body: 'x', StorageClass: 'GLACIER' }),
      new PutObjectCommand({ ...at, Body: 'x', IfNoneMatch: '"0123"' }),
    ]
    for (const command of commands) await refused(client.send(command), 501, 'NotImplemented')
    await refused(client.send(new GetObjectCommand({ ...at, VersionId: '1' })), 501, 'NotImplemented')
    await refused(client.send(new GetObjectCommand({ ...at, PartNumber: 1 })), 501, 'NotImplemented')
    await refused(client.send(new GetObjectTaggingCommand(at)), 501, 'NotImplemented')
    await refused(
      client.send(new GetObjectAttributesCommand({ ...at, ObjectAttributes: ['ETag'] })),
      501,
      'NotImplemented',
    )
    await refused(client.send(new ListObjectsCommand({ Bucket: 'bucket' })), 501, 'NotImplemented')
    const VersioningConfiguration = { Status: 'Enabled' } as const
    const versioning = new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration })
    await refused(client.send(versioning), 501, 'NotImplemented')
    assert.deepEqual([...server.buckets.get('bucket')!.objects.keys()], [])
  })

  it('does not write an object whose body ends too early', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`
    socket.write(
      `PUT /bucket/short HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 10\r\n\r\n`,
    )
    socket.end('hello')
    await new Promise((closed) => socket.resume().on('close', closed))
    assert.equal(server.buckets.get('bucket')!.objects.has('short'), false)
  })

  it('keeps no file of what was replaced, deleted or refused', async () => {
    await using other = await startS3Server({ buckets: ['bucket'], minimumPartBytes: 1 })
    const at = new Scene(testClient(other), 'bucket', '')
    await at.put('a', 'first')
    await at.put('a', 'second')
    await refused(at.put('a', 'third', { IfNoneMatch: '*' }), 412)
    await at.putParts('b', ['one', 'two'])
    const upload = await at.createUpload('c')
    await at.uploadParts(upload, ['one'])
    await at.uploadParts(upload, ['once more'])
    await settled(() => assert.equal(readdirSync(other.directory).length, 4))
    await at.delete('a')
    await at.delete('b')
    await settled(() => assert.equal(readdirSync(other.directory).length, 1))
    await other.close()
    assert.equal(existsSync(other.directory), false)
  })

  it('creates and deletes buckets', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'another' }))
    await refused(client.send(new CreateBucketCommand({ Bucket: 'another' })), 409, 'BucketAlreadyOwnedByYou')
    await refused(client.send(new CreateBucketCommand({ Bucket: 'No_Name' })), 400, 'InvalidBucketName')
    await new Scene(client, 'another', '').put('a', 'x')
    await refused(client.send(new DeleteBucketCommand({ Bucket: 'another' })), 409, 'BucketNotEmpty')
    await new Scene(client, 'another', '').delete('a')
    await client.send(new DeleteBucketCommand({ Bucket: 'another' }))
    assert.equal(server.buckets.has('another'), false)
  })
})

/** Files are removed soon, not at once. */
async function settled(prove: () => void): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      return prove()
    } catch {
      await new Promise((wake) => setTimeout(wake, 20))
    }
  }
  prove()
}
