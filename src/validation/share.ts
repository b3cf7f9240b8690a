/** Whether more than such a share, as `'5%'`, of the whole is concerned. In floating point 29 % of 100 is less than 29. */
export function exceedsShare(part: number, share: string, whole: number): boolean {
  const [digits = '', decimals = ''] = share.slice(0, -1).split('.')
  const parts = 100n * 10n ** BigInt(decimals.length)
  return BigInt(part) * parts > BigInt(digits + decimals) * BigInt(whole)
}

/** Whether at least such a share, as `'95%'`, of the whole is there. */
export function reachesShare(part: number, share: string, whole: number): boolean {
  return !exceedsShare(whole - part, complement(share), whole)
}

/** What is left of a hundred, with as many decimals. */
function complement(share: string): string {
  const [digits = '', decimals = ''] = share.slice(0, -1).split('.')
  const left = String(100n * 10n ** BigInt(decimals.length) - BigInt(digits + decimals)).padStart(
    decimals.length + 1,
    '0',
  )
  const point = left.length - decimals.length
  return decimals === '' ? `${left}%` : `${left.slice(0, point)}.${left.slice(point)}%`
}
