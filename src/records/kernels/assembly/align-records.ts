import { ADDRESS, QUOTED } from './span'

/** The address of the byte that ended the cell: behind its closing quote if it has one. */
// @ts-ignore: decorator
@inline function terminator(span: usize): usize {
  const end = load<u32>(span, 4)
  return <usize>((end & ADDRESS) + (end >> 31))
}

// @ts-ignore: decorator
@inline function endsRecord(span: usize): bool {
  const byte = load<u8>(terminator(span))
  return byte == 10 || byte == 13
}

export function alignRecords(fields: usize, count: i32, columns: i32, into: usize, faults: usize, capacity: i32): i32 {
  const end = fields + (<usize>count << 3)
  const width = <usize>columns << 3
  let span = fields
  let at = into
  let good: i32 = 0
  let bad: i32 = 0
  let fault = faults + 8
  while (span < end && bad < capacity) {
    let last = span
    while (!endsRecord(last)) last += 8
    const next = last + 8
    const blank = last == span && load<u32>(span) == (load<u32>(span, 4) & ADDRESS) && (load<u32>(span, 4) & QUOTED) == 0
    if (next - span == width && !(columns == 1 && blank)) {
      if (at != span) memory.copy(at, span, width)
      at += width
      good++
    } else {
      const quoted = load<u32>(span, 4) >> 31
      store<u32>(fault, good)
      store<u32>(fault, load<u32>(span) - quoted, 4)
      store<u32>(fault, <u32>terminator(last), 8)
      store<u32>(fault, blank ? 0 : <u32>((next - span) >> 3), 12)
      fault += 16
      bad++
    }
    span = next
  }
  store<u32>(faults, bad)
  store<u32>(faults, <u32>((span - fields) >> 3), 4)
  return good
}

/** True when every record has exactly `columns` cells; `count` cells in `records` records. */
export function isRectangular(fields: usize, records: i32, columns: i32): bool {
  const width = <usize>columns << 3
  let last = fields + width - 8
  for (let i = 0; i < records; i++, last += width) {
    if (!endsRecord(last)) return false
  }
  return true
}
