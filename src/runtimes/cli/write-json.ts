/** JSON for programs: one line, unless a person looks at it. */
export function writeJson(stream: NodeJS.WriteStream, value: unknown): void {
  stream.write(`${JSON.stringify(value, undefined, stream.isTTY ? 2 : undefined)}\n`)
}
