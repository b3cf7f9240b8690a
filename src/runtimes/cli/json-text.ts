/** JSON for programs: one line, unless a person looks at it. */
export function jsonText(value: unknown, stream: NodeJS.WriteStream): string {
  return `${JSON.stringify(value, undefined, stream.isTTY ? 2 : undefined)}\n`
}
