import { Readable } from 'node:stream'

/** Decodes bytes by the WHATWG Encoding Standard, into UTF-8. What cannot be decoded becomes U+FFFD. */
export function transcode(bytes: AsyncIterable<Buffer>, encoding: string): Readable {
  return Readable.from(decoded(bytes, encoding))
}

async function* decoded(bytes: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer, void, void> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true })
    if (text !== '') yield Buffer.from(text)
  }
  const rest = decoder.decode()
  if (rest !== '') yield Buffer.from(rest)
}
