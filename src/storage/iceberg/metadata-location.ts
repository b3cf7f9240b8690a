import { randomUUID } from 'node:crypto'

/** Of a new file of metadata. Its name counts on from the one that it replaces, as readers expect. */
export function metadataLocation(table: string, previous: string | undefined): string {
  const [, number] = /\/(\d+)-[^/]*$/.exec(previous ?? '') ?? []
  const next = number === undefined ? 0 : Number(number) + 1
  return `${metadataFolder(table)}/${String(next).padStart(5, '0')}-${randomUUID()}.metadata.json`
}

export function metadataFolder(table: string): string {
  return `${table.replace(/\/+$/, '')}/metadata`
}

export function dataFolder(table: string): string {
  return `${table.replace(/\/+$/, '')}/data`
}
