import type { ValueType } from './value-type.ts'

/** 16 bytes in the order of their text (RFC 9562); as text in lower case, with or without its hyphens. */
export const UUID: ValueType<string> = {
  bytes: 16,
  parse: (text) => (FORM.test(text) ? text.replaceAll('-', '').toLowerCase() : undefined),
  take: (cell) => (typeof cell === 'string' ? UUID.parse(cell) : undefined),
  cell: (value) => UUID.text(value),
  text: (value) => value.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  write: (memory, at, value) => void memory.write(value, at, 16, 'hex'),
  read: (memory, at) => memory.toString('hex', at, at + 16),
}

const FORM = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i
