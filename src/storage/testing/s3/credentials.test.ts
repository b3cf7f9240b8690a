import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { CopyObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { refused, Scene } from './conformance/scene.ts'
import { startS3Server } from './s3-server.ts'
import { testClient } from './test-client.ts'

const server = await startS3Server({
  buckets: ['bucket'],
  credentials: {
    root: {},
    writer: { allow: ['s3:PutObject'] },
    reader: { allow: ['s3:GetObject'] },
    visitor: { sessionToken: 'the-token' },
  },
})
after(() => server.close())

function sceneOf(accessKeyId: string, sessionToken?: string): Scene {
  const credentials = { accessKeyId, secretAccessKey: 'secret', ...(sessionToken && { sessionToken }) }
  return new Scene(testClient(server, { credentials }), 'bucket', '')
}

describe('credentials of the S3 server', () => {
  const root = sceneOf('root')
  const writer = sceneOf('writer')
  const reader = sceneOf('reader')

  it('permit everything without a list', async () => {
    await root.put('a', 'x')
    assert.equal(await root.text('a'), 'x')
  })

  it('permit what is in the list, and nothing else', async () => {
    await writer.put('b', 'x')
    await refused(writer.get('b'), 403, 'AccessDenied')
    await refused(writer.head('b'), 403)
    await refused(writer.list(), 403, 'AccessDenied')
    await refused(writer.delete('b'), 403, 'AccessDenied')
    assert.equal(await reader.text('b'), 'x')
    await refused(reader.put('b', 'y'), 403, 'AccessDenied')
    await refused(reader.createUpload('b'), 403, 'AccessDenied')
  })

  it('hide whether a key is there from who may not list', async () => {
    await refused(reader.get('none'), 403, 'AccessDenied')
    await refused(reader.head('none'), 403)
    await refused(root.get('none'), 404, 'NoSuchKey')
  })

  it('must permit reading where a write depends on an ETag', async () => {
    const { ETag } = await writer.put('c', 'x')
    await refused(writer.put('c', 'y', { IfMatch: ETag }), 403, 'AccessDenied')
    await root.put('c', 'y', { IfMatch: ETag })
  })

  it('must permit reading the source of a copy', async () => {
    await root.put('d', 'x')
    const command = new CopyObjectCommand({ Bucket: 'bucket', Key: 'e', CopySource: 'bucket/d' })
    await refused(writer.client.send(command), 403, 'AccessDenied')
  })

  it('refuse keys one by one in a deletion of many', async () => {
    await root.put('f', 'x')
    const command = new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects: [{ Key: 'f' }] } })
    const { Errors } = await reader.client.send(command)
    assert.deepEqual(
      Errors?.map(({ Key, Code }) => [Key, Code]),
      [['f', 'AccessDenied']],
    )
    assert.equal(await root.text('f'), 'x')
  })

  it('must be known, with their own token', async () => {
    await refused(sceneOf('nobody').get('a'), 403, 'InvalidAccessKeyId')
    await refused(sceneOf('visitor').get('a'), 400, 'InvalidToken')
    await refused(sceneOf('visitor', 'another').get('a'), 400, 'InvalidToken')
    assert.equal(await sceneOf('visitor', 'the-token').text('a'), 'x')
  })

  it('expire when a test says so', async () => {
    const visitor = sceneOf('visitor', 'the-token')
    assert.equal(await visitor.text('a'), 'x')
    server.credentials.get('visitor')!.expired = true
    await refused(visitor.get('a'), 400, 'ExpiredToken')
  })
})
