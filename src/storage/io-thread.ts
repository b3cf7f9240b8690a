// The thread beside: takes the requests of `threadIo` one by one, in order. It blocks while there are none.
import { createHash, type Hash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import * as ring from './io-ring.ts'

const shared = workerData as SharedArrayBuffer
/** Comes as a message before the first request: the thread may have been started when there was none yet. */
let memory: WebAssembly.Memory | undefined
const words = new Int32Array(shared)
const hashes = new Map<number, Hash>()

for (let slot = 0; ; slot = (slot + 1) % ring.SLOTS) {
  const base = slot * ring.SLOT_WORDS
  for (let state = Atomics.load(words, base); state !== ring.ASKED; state = Atomics.load(words, base)) {
    Atomics.wait(words, base, state)
  }
  let state = ring.DONE
  try {
    memory ??= receiveMessageOnPort(parentPort as MessagePort)?.message as WebAssembly.Memory
    serve(base, memory)
  } catch (error) {
    const { message, code, errno, syscall } = error as NodeJS.ErrnoException
    parentPort?.postMessage({ slot, message, code, errno, syscall } satisfies ring.IoFailure)
    state = ring.FAILED
  }
  Atomics.store(words, base, state)
  Atomics.notify(words, base)
}

function serve(base: number, memory: WebAssembly.Memory): void {
  const at = (word: number) => words[base + word] as number
  const fd = at(ring.FD)
  const digest = at(ring.DIGEST)
  const position = (at(ring.POSITION_LOW) >>> 0) + at(ring.POSITION_HIGH) * 2 ** 32
  switch (at(ring.OPERATION)) {
    case ring.READ: {
      const bytes = view(memory, at(ring.ADDRESS), at(ring.LENGTH))
      const done = readAll(fd, bytes, position)
      update(digest, bytes.subarray(0, done))
      words[base + ring.RESULT] = done
      return
    }
    case ring.WRITE: {
      const bytes = view(memory, at(ring.ADDRESS), at(ring.LENGTH))
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(fd, bytes, done, bytes.length - done, position + done)
      }
      update(digest, bytes)
      return
    }
    case ring.HASH:
      update(digest, view(memory, at(ring.ADDRESS), at(ring.LENGTH)))
      return
    case ring.CLOSE_DIGEST: {
      const hash = hashes.get(digest) ?? createHash('sha256')
      hashes.delete(digest)
      new Uint8Array(shared, (base + ring.RESULT) * 4, 32).set(hash.digest())
    }
  }
}

function readAll(fd: number, bytes: Uint8Array, position: number): number {
  let done = 0
  while (done < bytes.length) {
    const read = readSync(fd, bytes, done, bytes.length - done, position + done)
    if (read === 0) break
    done += read
  }
  return done
}

function update(digest: number, bytes: Uint8Array): void {
  if (digest === ring.NO_DIGEST) return
  let hash = hashes.get(digest)
  if (hash === undefined) {
    hash = createHash('sha256')
    hashes.set(digest, hash)
  }
  hash.update(bytes)
}

/** The other thread may have grown the memory: growing by nothing brings its new end here. */
function view(memory: WebAssembly.Memory, address: number, byteLength: number): Uint8Array {
  if (address + byteLength > memory.buffer.byteLength) memory.grow(0)
  return new Uint8Array(memory.buffer, address, byteLength)
}
