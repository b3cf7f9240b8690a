/**
 * Whether all readers agree on what lies between two UUIDs. They are ordered by their bytes, but Iceberg in Java compared
 * their halves as signed numbers up to 1.10, and so Spark would leave out what holds the UUID that it looks for. Of
 * version 7, for some centuries, all begin alike.
 */
export function uuidOrdersAgree(least: Uint8Array, greatest: Uint8Array): boolean {
  return [0, 8].every((half) => isNegative(least, half) === isNegative(greatest, half))
}

function isNegative(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] as number) >= 0x80
}
