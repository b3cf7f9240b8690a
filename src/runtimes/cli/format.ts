/** `1234567` → `1,234,567`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `3852, 'row'` → `3,852 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Bytes in units of 1000, as disks and networks are sold. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3) - 1)
  return `${(value / 1000 ** (unit + 1)).toPrecision(3)} ${UNITS[unit]}`
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  const minutes = Math.floor(seconds / 60)
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0')
  return minutes < 60 ? `${minutes}:${rest} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/**
 * Text of unknown origin, fit for a terminal: control characters, which could move the cursor or hide what stands
 * there, are shown as escapes.
 */
export function visible(text: string): string {
  return text.replace(CONTROL, (char) => ESCAPES[char] ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`)
}

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A message in one line, with the control characters made visible. */
export function inOneLine(text: string): string {
  return visible(text.trim().replace(/\s*\n\s*/g, ' '))
}

/** The text in at most so many characters. */
export function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
