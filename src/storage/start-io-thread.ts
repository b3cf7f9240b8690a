import { Worker } from 'node:worker_threads'
import * as ring from './io-ring.ts'

/** An I/O thread that runs, and the ring through which it takes requests. */
export interface IoThread {
  readonly worker: Worker
  readonly ring: SharedArrayBuffer
}

/** Begins to start the thread of the next run: it takes as long as loading the modules, and may do so beside that. */
export function startIoThreadAhead(): void {
  ahead ??= start()
}

/** A thread that works on this memory: the one that was started ahead, or a new one. */
export function takeIoThread(memory: WebAssembly.Memory): IoThread {
  const thread = ahead ?? start()
  ahead = undefined
  thread.worker.postMessage(memory)
  return thread
}

let ahead: IoThread | undefined

function start(): IoThread {
  const shared = new SharedArrayBuffer(ring.SLOTS * ring.SLOT_WORDS * 4)
  const file = import.meta.url.endsWith('.ts') ? './io-thread.ts' : './io-thread.js'
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: shared,
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
  })
  worker.unref()
  return { worker, ring: shared }
}
