import type { Transform } from 'node:stream'
import type { Step } from './step.ts'

export interface ThroughOptions {
  /** What the stream does with the number of rows; anything else fails the run. */
  readonly rows: 'one-to-one' | 'filter' | 'expand'
  /** True when each row is handled alone, so that splits may go through streams of their own. Default false. */
  readonly stateless?: boolean
}

export function throughStep(_factory: () => Transform, _options: ThroughOptions): Step {
  throw new Error('not there yet')
}
