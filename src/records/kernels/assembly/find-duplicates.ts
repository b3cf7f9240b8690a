/** The slot of the entry's key, or of the free slot where it belongs. */
// @ts-ignore: decorator
@inline function slotOf(entry: usize, table: usize, mask: u32, distinct: usize): usize {
  const low = load<u64>(entry)
  const high = load<u64>(entry, 8)
  let slot = load<u32>(entry, 4) & mask
  for (;;) {
    const index = load<u32>(table + (<usize>slot << 2))
    if (index == 0) break
    const known = distinct + <usize>(index - 1) * 24
    if (load<u64>(known) == low && load<u64>(known, 8) == high) break
    slot = (slot + 1) & mask
  }
  return table + (<usize>slot << 2)
}

export function findDuplicates(
  entries: usize,
  count: i32,
  firstId: f64,
  pass: i32,
  table: usize,
  mask: u32,
  distinct: usize,
  distinctCount: usize,
  found: usize,
): i32 {
  let size = load<u32>(distinctCount)
  let duplicates = 0
  const base = <u64>firstId
  for (let i = 0; i < count; i++, entries += 24) {
    const tagged = load<u64>(entries, 16)
    if (<i32>(tagged & 1) == pass) continue // pass 0 takes those that hold their key, pass 1 the others
    const slot = slotOf(entries, table, mask, distinct)
    const index = load<u32>(slot)
    let id = base + (tagged >> 1)
    if (index == 0) {
      if (pass == 0) {
        memory.copy(distinct + <usize>size * 24, entries, 24)
        store<u64>(distinct + <usize>size * 24, id, 16)
        store<u32>(slot, ++size)
      }
      continue
    }
    const holder = distinct + <usize>(index - 1) * 24 + 16
    if (pass == 0 && id < load<u64>(holder)) {
      const later = load<u64>(holder)
      store<u64>(holder, id)
      id = later
    }
    store<u64>(found, id)
    store<u64>(found, <u64>(index - 1), 8)
    found += 16
    duplicates++
  }
  store<u32>(distinctCount, size)
  return duplicates
}
