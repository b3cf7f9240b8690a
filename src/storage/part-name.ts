/** Names of part files sort in the order of their splits, and of the files of a split. */
export function partName(split: number, extension: string, file = 0): string {
  const more = file === 0 ? '' : `_${padded(file)}`
  return `part-${padded(split)}${more}${extension}`
}

function padded(number: number): string {
  return String(number).padStart(5, '0')
}
