import { CRASH_POINTS, type CrashPoint } from '../../storage/crash-point.ts'

/** Those that runs into a table may pass. The others only other targets pass, and runs that tell somebody. */
export const TABLE_STEPS: readonly CrashPoint[] = CRASH_POINTS.filter(
  (step) =>
    !/^(marker|link|stream|notification|letters-sent|target-(adopted|cleared|unlocked)|staging-aborted)/.test(step),
)
