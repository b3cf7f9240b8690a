import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { VENV } from './python.ts'

/** An S3, and more of AWS, that others wrote. */
export interface Moto extends Disposable {
  readonly endpoint: string
  /** Of clients. This process has it, too. */
  readonly environment: Readonly<Record<string, string>>
}

/** Starts it with a bucket. */
export async function startMoto(bucket: string): Promise<Moto> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = spawn(`${VENV}/bin/moto_server`, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  }
  const stop = () => server.kill()
  try {
    Object.assign(process.env, environment)
    await createBucket(server, bucket)
    return { endpoint, environment, [Symbol.dispose]: stop }
  } catch (error) {
    stop()
    throw error
  }
}

/** The server has started when it has made one. */
async function createBucket(server: ChildProcess, bucket: string): Promise<void> {
  const client = new S3Client({ forcePathStyle: true, maxAttempts: 1 })
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
      return
    } catch (error) {
      if (attempt === 300 || server.exitCode !== null) throw error
      await sleep(100)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}
