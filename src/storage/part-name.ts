/** Names of part files sort in the order of their splits. */
export function partName(split: number, extension: string): string {
  return `part-${String(split).padStart(5, '0')}${extension}`
}
