/**
 * Every step at which the tests kill a run, in the order a run passes them. The kill is a real SIGKILL:
 * no handler, no flush. Steps of the dead letters and of an abort are passed by the runs that have some.
 */
export const CRASH_POINTS = [
  'run-claimed',
  'run-planned',
  'marker-writing',
  'staging-opened',
  'split-staged',
  'output-assembling',
  'output-assembled',
  'run-deciding',
  'run-decided',
  'target-locked',
  'target-adopted',
  'target-cleared',
  'link-prepared',
  'stream-delivering',
  'target-switched',
  'target-unlocked',
  'outcome-journaled',
  'staging-aborted',
  'staging-released',
  'letters-started',
  'letters-sent',
  'letters-sent-journaled',
  'letters-appended',
  'letters-journaled',
  'audit-written',
  'ledger-written',
  'notification-sent',
  'notification-journaled',
  'run-audited',
  'run-settled',
] as const

/** Those that only runs pass which send letters to a queue or tell somebody how they ended. */
export const REMOTE_STEPS: readonly CrashPoint[] = [
  ...(['letters-sent', 'letters-sent-journaled', 'notification-sent', 'notification-journaled'] as const),
]

export type CrashPoint = (typeof CRASH_POINTS)[number]

const chosen = process.env['SLUICE_CRASH_AT']

/** Kills this process when `SLUICE_CRASH_AT` names the step; a string comparison otherwise. */
export function crashPoint(step: CrashPoint): void {
  if (chosen === step) process.kill(process.pid, 'SIGKILL')
}
