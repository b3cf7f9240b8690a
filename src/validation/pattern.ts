// placeholder until the pattern compiler is merged
export function compilePattern(regex: RegExp, _options: { match?: 'full' | 'search' } = {}): { test(value: string): boolean; table?: Uint8Array } {
  const re = new RegExp(`^(?:${regex.source})$`, regex.flags.replace(/[gy]/g, ''))
  return { test: (value) => re.test(value) }
}
