import type { Spread } from './measure/stats.ts'
import type { CaseResult } from './run-case.ts'

/** All that one run of the benches found. */
export interface Results {
  readonly cases: readonly CaseResult[]
  /** Megabytes a second for each shape; empty when the scanner was not run. */
  readonly scanner: readonly ScannerResult[]
}

export interface ScannerResult extends Spread {
  readonly shape: string
  readonly rows: number
}

export function median(results: Results, caseName: string, contender: string): number | undefined {
  return results.cases.find(({ name }) => name === caseName)?.measures.get(contender)?.seconds.median
}

/** How many times as long `slower` takes as `faster`, by their medians. */
export function ratio(results: Results, caseName: string, slower: string, faster: string): number | undefined {
  const [numerator, denominator] = [median(results, caseName, slower), median(results, caseName, faster)]
  return numerator === undefined || denominator === undefined ? undefined : numerator / denominator
}

/** The greatest peak of any run, in megabytes (10^6 bytes). */
export function greatestRss(results: Results, caseName: string, contender: string): number | undefined {
  const measures = results.cases.find(({ name }) => name === caseName)?.measures.get(contender)
  return measures === undefined ? undefined : measures.peakRss.max / 1e6
}
