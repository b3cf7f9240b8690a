export function partitionKeys(
  hashes: usize,
  keyed: usize,
  from: i32,
  rows: i32,
  ids: usize,
  firstId: f64,
  counts: usize,
  buffers: usize,
  capacity: u32,
  bits: u32,
): i32 {
  const base = <u64>firstId
  for (let row = from; row < rows; row++) {
    const status = load<u8>(keyed + row)
    if (status == 0) continue
    const hash = hashes + (<usize>row << 4)
    const partition = bits == 0 ? 0 : load<u32>(hash) >> (32 - bits)
    const counter = counts + (<usize>partition << 2)
    const count = load<u32>(counter)
    if (count == capacity) return row
    const entry = buffers + (<usize>partition * <usize>capacity + <usize>count) * 24
    const id = base + <u64>(ids == 0 ? <u32>row : load<u32>(ids + (<usize>row << 2)))
    store<u64>(entry, load<u64>(hash))
    store<u64>(entry, load<u64>(hash, 8), 8)
    store<u64>(entry, (id << 1) | <u64>(status == 1), 16)
    store<u32>(counter, count + 1)
  }
  return rows
}
