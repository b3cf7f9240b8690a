/** True for a value that is there. As a filter it narrows the column's type, and no cell is decoded for it. */
export function isNotNull<V>(value: V): value is NonNullable<V> {
  return value !== null && value !== undefined
}
