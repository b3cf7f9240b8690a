import type { Bookmark } from './bookmark.ts'
import type { OutputResources, StagedOutput } from './staged-output.ts'

/**
 * Where a run's output becomes visible. Everything that passes between the calls is plain JSON, so that the
 * journal can hold it and another process can finish or undo the work without the job.
 *
 * Order of calls: `plan`, `open`, (the sink writes to `partPath`), `assemble`, then either `commit` and
 * `release`, or `abort`. `abort` may come at any time after `plan`, also instead of `open`.
 */
export interface Target {
  readonly kind: TargetKind
  /**
   * For targets that keep bookmarks: the position that the last commit of a job noted of a source. Undefined for none, and
   * where there is no target yet.
   */
  lastBookmark?(location: string, of: { readonly job: string; readonly source: string }): Promise<string | undefined>
  /** Looks and touches nothing. Throws `target-not-adoptable` or `target-not-writable` when no commit could follow. */
  plan(location: string, run: PlanOptions): Promise<TargetPlan>
  /**
   * Creates the staging place and its marker. Resolves to what the plan is from now on: what undoes the run needs to know
   * of the place. Throws `run-id-conflict` when another run of this id is staged here.
   */
  open(plan: TargetPlan): Promise<TargetPlan>
  /**
   * The file to which the sink writes the bytes of one split, or of one file of it, counted from 0. Its directory exists
   * once the target is open.
   */
  partPath(plan: TargetPlan, split: number, file?: number): string
  /** For targets that can take the bytes of a split as they come. Undefined: the sink writes to `partPath`. */
  stage?(
    plan: TargetPlan,
    split: number,
    resources: OutputResources,
    file?: number,
  ): StagedOutput | Promise<StagedOutput> | undefined
  /** Makes the output whole and durable, still invisible. `parts` in the order of the output. */
  assemble(plan: TargetPlan, parts: readonly StagedPart[]): Promise<PreparedOutput>
  /**
   * Makes the output visible at once, or says why not. Idempotent: after a crash it recognises its own
   * success. A throw means that the outcome is unknown and a later call may know it.
   */
  commit(output: PreparedOutput): Promise<CommitOutcome>
  /** Removes what a commit leaves behind. Call it only when the outcome is journaled: it removes evidence. Idempotent. */
  release(plan: TargetPlan): Promise<void>
  /** Removes every trace of a run that did not commit. Idempotent; absence is success. */
  abort(plan: TargetPlan): Promise<void>
}

/** What a sink needs of a target to stage a split. */
export type PartTarget = Pick<Target, 'partPath' | 'stage'>

export type TargetKind = 'local-file' | 'local-directory' | 'stream' | 's3-object' | 's3-prefix' | 'iceberg'

/** Targets whose splits are files of their own, each with a header where the format has one. */
export function isDirectory({ kind }: TargetPlan): boolean {
  return kind === 'local-directory' || kind === 's3-prefix' || kind === 'iceberg'
}

export interface PlanOptions {
  readonly runId: string
  /** For people who look at what lies there. */
  readonly job?: string
  /** How many splits will be staged, where that is known. */
  readonly splits?: number
  /** Absolute; the marker names it, so that `recover --target` finds the journal. */
  readonly stateDirectory: string
  /** The run's own directory inside the state directory, for what has no place beside the target. */
  readonly scratch: string
  /** Take over a directory that Sluice did not write. */
  readonly adopt?: boolean
  /** Of the part files in a directory, with its dot. */
  readonly extension?: string
  /** Keep the objects of all runs that were published before; default true. Else the last of them only. */
  readonly keepVersions?: boolean
  /** To be noted in the same commit as the rows, where the target keeps bookmarks. */
  readonly bookmark?: Bookmark
}

export interface TargetPlan {
  readonly kind: TargetKind
  /** Absolute, links followed; `-` for a stream. */
  readonly path: string
  readonly runId: string
  /** The state directory that holds the run's journal. */
  readonly state: string
  readonly staging: string
  /** What the target was when the run began. Two equal identities mean that nobody changed it. */
  readonly base: string
  readonly extension: string
}

export interface StagedPart {
  readonly split: number
  /** Which file of its split it is, where a split may have several; else the only one. */
  readonly file?: number
  readonly path: string
  /** Rows that remain after `cut`. */
  readonly rows: number
  /** Length of the file at `path`, cut ranges included. */
  readonly bytes: number
  /** Of the whole file at `path`, in lower-case hex. */
  readonly sha256: string
  /** What the target's own `stage` made of it. */
  readonly staged?: unknown
  /** Byte ranges [start, end) to leave out, ascending and disjoint: rows that only the judge could reject. */
  readonly cut?: readonly (readonly [start: number, end: number])[]
}

export interface OutputFile {
  /** Where readers find it. */
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export interface PreparedOutput {
  readonly plan: TargetPlan
  readonly outputs: readonly OutputFile[]
  /** The file or directory that the commit makes visible. */
  readonly staged: string
  /** By which the commit knows its own output again. */
  readonly identity: string
}

export type CommitOutcome =
  | { readonly outcome: 'committed' }
  /** Certainly not visible, and never will be. */
  | {
      readonly outcome: 'refused'
      readonly code: 'target-moved' | 'staged-lost' | 'target-gone' | 'disk-full' | 'target-not-writable'
      readonly reason: string
    }
  /** Nobody can ever find out whether readers saw it; it is not there now. */
  | { readonly outcome: 'unknowable'; readonly reason: string }
