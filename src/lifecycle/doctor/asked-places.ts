import { findDataset } from '../../config/datasets.ts'
import type { Settings } from '../../config/settings.ts'
import type { RunContext } from '../../context.ts'
import { readIceberg } from '../../sources/iceberg.ts'
import type { JobContext } from '../job.ts'
import { jobContext } from '../job-context.ts'
import type { Use } from './finding.ts'
import { lookAtSource } from './tables.ts'

/** Notes for which names a job asks while it is bound. */
export class AskedPlaces {
  readonly context: JobContext
  readonly #looking: RunContext
  readonly #names = new Map<string, string>()
  readonly #tables = new Set<string>()

  constructor(settings: Settings, looking: RunContext) {
    const context = jobContext(settings, looking)
    this.#looking = looking
    this.context = {
      ...context,
      dataset: (name, options) => {
        const { format } = findDataset(settings, name, options)
        return this.#note(context.dataset(name, options), name, format === 'iceberg')
      },
      target: (name, options) => this.#note(context.target(name, options), name, false),
    }
  }

  originOf(location: string): { readonly origin?: string } {
    const origin = this.#names.get(location)
    return origin === undefined ? {} : { origin }
  }

  /** What was asked for and is neither source nor target. */
  others(main: readonly Use[]): readonly Use[] {
    const others = [...this.#names].filter(([location]) => !main.some((use) => use.location === location))
    return others.map(([location, origin]): Use => {
      const look = async () => lookAtSource(readIceberg(location), this.#looking)
      return { subject: 'dataset', location, need: 'read', origin, ...(this.#tables.has(location) ? { look } : {}) }
    })
  }

  #note(location: string, name: string, table: boolean): string {
    this.#names.set(location, name)
    if (table) this.#tables.add(location)
    return location
  }
}
