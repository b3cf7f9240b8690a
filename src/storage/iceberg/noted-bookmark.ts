import type { Bookmark } from '../bookmark.ts'
import type { TableMetadata } from './table-metadata.ts'

/** A bookmark as a property of the table that the rows go to, which changes in their commit. */
export interface NotedBookmark extends Bookmark {
  readonly property: string
}

export function notedBookmark(job: string, bookmark: Bookmark): NotedBookmark {
  return { ...bookmark, property: bookmarkProperty(job, bookmark.source) }
}

/** The property that holds how far a job has read a source. Names of jobs have no slash. */
export function bookmarkProperty(job: string, source: string): string {
  return `sluice.bookmark.${job}/${source}`
}

/**
 * Why the rows of a run that resumed must not be committed: somebody else has read them meanwhile, and they would be there
 * twice. Undefined when they may.
 */
export function movedBookmark(
  bookmark: NotedBookmark | null | undefined,
  now: TableMetadata | undefined,
): string | undefined {
  if (bookmark === null || bookmark?.last === undefined) return undefined
  const noted = now?.properties?.[bookmark.property] ?? null
  if (noted === bookmark.last) return undefined
  return `another run of the job has read ${bookmark.source} since this one began. Run again`
}
