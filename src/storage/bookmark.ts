/** How far a run reads a source that grows. A target that keeps bookmarks writes it in the same commit as the rows. */
export interface Bookmark {
  /** What is read, such as a table. */
  readonly source: string
  /** As the source understands it, such as the snapshot of a table. */
  readonly position: string
  /**
   * What the target had noted when the run began, null for nothing: the run read what came after it, so it may commit only
   * while that is still so. Undefined for a run that did not ask.
   */
  readonly last?: string | null
}
