import assert from 'node:assert/strict'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Journal, readJournal } from './journal.ts'
import { decodeLines, encodeLine } from './journal-line.ts'
import type { JournalRecord } from './journal-record.ts'
import { sandbox } from './testing/sandbox.ts'

const ticket = fc.record({ type: fc.constant('staged' as const), split: fc.nat(9), ticket: fc.jsonValue() })
const AT = new Date(0)
const records = fc.array(ticket, { minLength: 1, maxLength: 6 })

describe('the lines of a journal', () => {
  it('read as they were written, with and without reserve', () => {
    fc.assert(
      fc.property(records, fc.nat(300), (written, reserve) => {
        const bytes = Buffer.concat([encode(written), Buffer.alloc(reserve, ' ')])
        const { records: read, end } = decodeLines(bytes, 'j')
        assert.deepEqual(strip(read), plain(written))
        assert.equal(end, bytes.length - reserve)
      }),
    )
  })

  it('lose only the last one when it is torn at any byte, over the reserve or at the end of the file', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (written, where, reserved) => {
        const last = encodeLine(written.at(-1)!, written.length - 1)
        const kept = encode(written.slice(0, -1))
        const torn = last.subarray(0, Math.floor(where * (last.length - 1)))
        const tail = Buffer.alloc(reserved ? 400 : 0, ' ')
        const { records: read, end } = decodeLines(Buffer.concat([kept, torn, tail]), 'j')
        assert.deepEqual(strip(read), plain(written.slice(0, -1)))
        assert.equal(end, kept.length)
      }),
    )
  })

  it('lose only the last one when its sectors came in any order', () => {
    fc.assert(
      fc.property(records, fc.nat(30), fc.nat(30), (written, start, length) => {
        const last = Buffer.from(encodeLine(written.at(-1)!, written.length - 1, AT))
        last.fill(' ', start, start + length + 1)
        fc.pre(!last.equals(encodeLine(written.at(-1)!, written.length - 1, AT)))
        const { records: read } = decodeLines(Buffer.concat([encode(written.slice(0, -1)), last]), 'j')
        assert.deepEqual(strip(read), plain(written.slice(0, -1)))
      }),
    )
  })

  it('are damaged when a bad one stands before a good one', () => {
    fc.assert(
      fc.property(fc.array(ticket, { minLength: 2, maxLength: 5 }), fc.nat(), (written, at) => {
        const bytes = encode(written)
        const first = encodeLine(written[0]!, 0).length - 1
        const position = at % first
        bytes[position] = bytes[position] === 0x23 ? 0x24 : 0x23
        assert.throws(() => decodeLines(bytes, 'j'), { code: 'journal-damaged' })
      }),
    )
  })

  it('never crash the reader, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.deepEqual(decodeLines(bytes, 'j').records, [])
      }),
    )
  })
})

describe('a journal', () => {
  it('goes on behind the last good record when it is opened after a tear', () => {
    using box = sandbox('journal')
    const path = join(box.path, 'run', 'journal.jsonl')
    const before = Journal.open(path)
    for (const split of [0, 1, 2]) before.append({ type: 'staged', split, ticket: 'x'.repeat(2000) }, { durable: true })
    before.close()
    const bytes = readFileSync(path)
    const end = bytes.lastIndexOf('}') + 1
    bytes.fill(' ', end - 700, end - 200)
    writeFileSync(path, bytes)
    const again = Journal.open(path)
    assert.equal(again.records.length, 2)
    again.append({ type: 'aborted' }, { durable: true })
    again.close()
    assert.deepEqual(
      readJournal(path).map((record) => record.type),
      ['staged', 'staged', 'aborted'],
    )
  })

  it('writes into space that it reserved, and gives it back', () => {
    using box = sandbox('journal')
    const path = join(box.path, 'run', 'journal.jsonl')
    const journal = Journal.open(path)
    const reserved = statSync(path).size
    assert.ok(reserved >= 65536)
    const large: JournalRecord = { type: 'staged', split: 0, ticket: 'x'.repeat(200_000) }
    journal.reserveFor(large)
    const grown = statSync(path).size
    assert.ok(grown > 200_000 + 32_768)
    journal.append(large, { durable: true })
    assert.equal(statSync(path).size, grown)
    journal.trim()
    assert.ok(statSync(path).size < 201_000)
    journal.close()
    assert.equal(readJournal(path).length, 1)
  })

  it('that was cut to nothing is a new one', () => {
    using box = sandbox('journal')
    const path = join(box.path, 'run', 'journal.jsonl')
    Journal.open(path).close()
    truncateSync(path, 0)
    const journal = Journal.open(path)
    assert.deepEqual(journal.records, [])
    journal.close()
  })
})

function encode(written: readonly JournalRecord[]): Buffer {
  return Buffer.concat(written.map((record, number) => encodeLine(record, number)))
}

function strip(read: readonly JournalRecord[]): unknown[] {
  return read.map((record) => {
    const { seq, at, ...rest } = record as JournalRecord & { seq: number; at: string }
    assert.ok(seq >= 0 && at.length > 0)
    return rest
  })
}

function plain(written: readonly JournalRecord[]): unknown[] {
  return JSON.parse(JSON.stringify(written))
}
