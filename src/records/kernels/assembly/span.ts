// The layout of spans (see ../../span.ts), for all kernels.
export const QUOTED: u32 = 0x80000000
export const ESCAPED: u32 = 0x40000000
export const ADDRESS: u32 = 0x3fffffff

/** The address of the first byte of the cell whose span is at `span`. */
// @ts-ignore: decorator
@inline export function startOf(span: usize): usize {
  return <usize>load<u32>(span)
}

/** The address behind the last byte, without flags. */
// @ts-ignore: decorator
@inline export function endOf(span: usize): usize {
  return <usize>(load<u32>(span, 4) & ADDRESS)
}

// @ts-ignore: decorator
@inline export function isEscaped(span: usize): bool {
  return (load<u32>(span, 4) & ESCAPED) != 0
}

// @ts-ignore: decorator
@inline export function setSpan(span: usize, start: usize, end: usize): void {
  store<u32>(span, <u32>start)
  store<u32>(span, <u32>end, 4)
}
