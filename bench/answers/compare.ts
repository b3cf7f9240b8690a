import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'
import { digestFile } from './record-digest.ts'

/** Says in one sentence where two CSV files first differ, record for record; null when they hold the same records. */
export async function firstDifference(path: string, otherPath: string): Promise<string | null> {
  const hashes = await recordHashes(path)
  const others = await recordHashes(otherPath)
  const shorter = Math.min(hashes.length, others.length)
  let at = 0
  while (at < shorter && hashes[at] === others[at]) at++
  if (at === shorter && hashes.length === others.length) return null
  const record = Math.floor(at / 2) + 1
  const [ours, theirs] = [await recordAt(path, record), await recordAt(otherPath, record)]
  return `record ${record} (the header is 1) is ${ours} instead of ${theirs}`
}

async function recordHashes(path: string): Promise<number[]> {
  const hashes: number[] = []
  await digestFile(path, (high, low) => hashes.push(high, low))
  return hashes
}

async function recordAt(path: string, record: number): Promise<string> {
  for await (const cells of createReadStream(path).pipe(parse({ from: record, to: record })))
    return JSON.stringify(cells)
  return 'missing'
}
