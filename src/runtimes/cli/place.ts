import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where in the user's code an error was thrown, if there. */
export function placeIn({ stack = '' }: Error): string | undefined {
  for (const [, url, line, column] of stack.matchAll(/\(?(file:\/\/\/[^\s()]+):(\d+):(\d+)\)?$/gm)) {
    if (url?.startsWith(OWN) || url?.includes('/node_modules/')) continue
    return `${shown(url as string)}:${line}:${column}`
  }
  return undefined
}

const OWN = new URL('../../', import.meta.url).href

/** The path as the user would write it. */
export function shown(location: string): string {
  const path = location.startsWith('file://') ? fileURLToPath(location) : location
  if (/^\w+:\/\//.test(path)) return path
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
