import { StringDecoder } from 'node:string_decoder'
import { findObjects } from '../../storage/s3/find-objects.ts'
import { readObject } from '../../storage/s3/read-object.ts'

/** The lines of an object, or of all objects of a prefix in the order of their keys. */
export async function* lettersOfObjects(place: string): AsyncGenerator<string, void, void> {
  const { signal } = new AbortController()
  for (const object of await findObjects(place, signal)) {
    yield* lines(readObject(object, { signal }))
  }
}

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.write(chunk)).split('\n')
    rest = pieces.pop() as string
    yield* pieces
  }
  if (rest !== '') yield rest
}
