import { createReadStream } from 'node:fs'

const NEWLINE = 0x0a

/**
 * The lines of a file of JSON lines. Only a line feed ends one: `node:readline` also cuts at U+2028 and U+2029, which
 * JSON leaves as they are within strings.
 */
export async function* readLines(path: string): AsyncGenerator<string, void, void> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield bytes.toString('utf8', from, end)
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
  if (rest.length > 0) yield rest.toString()
}
