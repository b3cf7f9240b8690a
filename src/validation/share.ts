/** Whether more than such a share, as `'5%'`, of the whole is concerned. In floating point 29 % of 100 is less than 29. */
export function exceedsShare(part: number, share: string, whole: number): boolean {
  const [digits = '', decimals = ''] = share.slice(0, -1).split('.')
  const parts = 100n * 10n ** BigInt(decimals.length)
  return BigInt(part) * parts > BigInt(digits + decimals) * BigInt(whole)
}
