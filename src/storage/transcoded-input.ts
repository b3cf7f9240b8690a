import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { LinearMemory } from '../records/linear-memory.ts'
import { type ByteInput, streamInput } from './byte-input.ts'
import type { ByteIo } from './byte-io.ts'

/** Decodes a stream by the WHATWG Encoding Standard. What cannot be decoded becomes U+FFFD. */
export function transcodedInput(
  linear: LinearMemory,
  io: ByteIo,
  stream: Readable,
  { name, encoding, signal }: { readonly name: string; readonly encoding: string; readonly signal: AbortSignal },
): ByteInput {
  const hash = createHash('sha256')
  const decoder = new TextDecoder(encoding)
  let fileBytes = 0
  async function* decoded(): AsyncGenerator<Buffer, void, void> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      fileBytes += chunk.length
      const text = decoder.decode(chunk, { stream: true })
      if (text !== '') yield Buffer.from(text)
    }
    const rest = decoder.decode()
    if (rest !== '') yield Buffer.from(rest)
  }
  const input = streamInput(linear, io, Readable.from(decoded()), { name, signal })
  return {
    ...input,
    close: async () => {
      await input.close()
      // It may be waiting for a chunk that never comes.
      stream.destroy()
    },
    get file() {
      return { bytes: fileBytes, sha256: hash.copy().digest('hex') }
    },
  }
}
