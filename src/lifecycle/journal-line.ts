import { SluiceError } from '../errors.ts'
import type { JournalRecord } from './journal-record.ts'

const NEWLINE = 0x0a

/** One line of JSON that carries its number and a checksum, so that a torn or foreign line is known as such. */
export function encodeLine(record: JournalRecord, number: number, at: Date = new Date()): Buffer {
  const body = JSON.stringify({ seq: number, at: at.toISOString(), ...record })
  return Buffer.from(`${body.slice(0, -1)},"sum":"${checksum(body)}"}\n`)
}

export interface ReadLines {
  readonly records: JournalRecord[]
  /** Where the next line goes: after the last good one. What lies behind is reserve or a torn line. */
  readonly end: number
}

/**
 * Reads a journal. A last line that a crash left torn is as good as never written and is ignored, along with
 * the blanks of the reserve. A bad line before a good one is no tear but damage: `journal-damaged`.
 */
export function decodeLines(bytes: Uint8Array, path: string): ReadLines {
  const records: JournalRecord[] = []
  let end = 0
  let torn = false
  // What has no newline is torn too: the next record would be glued to it.
  for (let start = 0, stop = 0; stop !== -1; start = stop + 1) {
    stop = bytes.indexOf(NEWLINE, start)
    const record = stop === -1 ? undefined : decodeLine(bytes.subarray(start, stop))
    if (record === undefined) torn = true
    else if (torn || record.seq !== records.length) throw damaged(path, records.length)
    else {
      records.push(record)
      end = stop + 1
    }
  }
  return { records, end }
}

function decodeLine(bytes: Uint8Array): (JournalRecord & { seq: number }) | undefined {
  const text = Buffer.from(bytes).toString()
  const match = /^(.*),"sum":"([0-9a-f]{8})"\}$/s.exec(text)
  const body = `${match?.[1]}}`
  if (match === null || checksum(body) !== match[2]) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** FNV-1a. Against accidents, not against people; loading zlib for its CRC would cost 2 ms of every run. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function damaged(path: string, line: number): SluiceError {
  return new SluiceError(
    'journal-damaged',
    `The journal ${path} is damaged after record ${line}: restore it from a backup, or look at the target and remove the run's directory.`,
    { context: { path, line } },
  )
}
