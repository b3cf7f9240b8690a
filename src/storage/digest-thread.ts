// The hashing thread of `threadDigests`.
import { createHash, type Hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { DigestMessage } from './digest.ts'

const memory = workerData as WebAssembly.Memory
const hashes = new Map<number, Hash>()

parentPort?.on('message', ({ id, address, byteLength }: DigestMessage) => {
  const hash = hashes.get(id) ?? createHash('sha256')
  if (address === undefined || byteLength === undefined) {
    hashes.delete(id)
    parentPort?.postMessage(hash.digest('hex'))
    return
  }
  hashes.set(id, hash)
  hash.update(new Uint8Array(memory.buffer, address, byteLength))
  parentPort?.postMessage('')
})
