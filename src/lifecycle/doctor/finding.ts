export type Health = 'ok' | 'warning' | 'failed'

/** What was seen at a place. */
export interface Looked {
  readonly status: Health
  /** In a few words, without a full stop. */
  readonly detail: string
  /** What to do, as a sentence. */
  readonly fix?: string
}

/** One line of the doctor: what would be used, and whether that can work. Never holds a secret. */
export interface Finding extends Looked {
  readonly subject: string
  readonly used: string
}

/** What a run would do at a place. */
export type Need = 'read' | 'replace' | 'append' | 'tell'

export interface Use {
  readonly subject: string
  readonly location: string
  readonly need: Need
  /** Who says so, such as a flag or a variable. */
  readonly origin?: string
  /** It may be missing or closed: nobody asked for it by name. */
  readonly optional?: boolean
  /** It speaks to AWS, whatever its location says. */
  readonly aws?: boolean
  /** Looks there, for what is no path and no address. Throws what it finds wrong, or says it. */
  readonly look?: () => Promise<Looked>
  /** Why a run could not use the place, although it may be there. */
  readonly conflict?: () => string | undefined
}

/** Looks at a place and changes nothing there. Throws what it finds wrong, or says it. */
export type Probe = (use: Use) => Promise<Looked>
