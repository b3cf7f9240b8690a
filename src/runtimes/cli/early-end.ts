import { SluiceError } from '../../errors.ts'

/** Nothing is left that could wake the process; the job ended it; or somebody told it to stop at once. */
export type EarlyEnd = 'drained' | 'exited' | 'stopped'

type Tell = (why: EarlyEnd) => number

/**
 * Whoever is at work says how to tell, and with which exit code, that the process ends although the work has not: the
 * last one that said so is asked. Without it a promise that never settles would end the command without a word, and as
 * if all were well. What it tells must be written at once, for nothing is waited for any more.
 */
export function onEarlyEnd(tell: Tell): Disposable {
  if (tellers.length === 0) {
    process.on('beforeExit', onDrained)
    process.on('exit', onExit)
  }
  tellers.push(tell)
  return { [Symbol.dispose]: () => void tellers.splice(tellers.indexOf(tell), 1) }
}

/** Ends the process in the middle of its work. */
export function stopAtOnce(): never {
  why = 'stopped'
  process.exit()
}

/** Ends the process with its work done, or told of. */
export function endProcess(exitCode: number): never {
  tellers.length = 0
  process.exit(exitCode)
}

/** What an early end comes to; once a run is decided, nobody knows whether it became visible. */
export function earlyEndError(end: EarlyEnd, run?: { readonly runId: string; readonly decided: boolean }): SluiceError {
  const hint = run === undefined ? 'Nothing was written.' : `Run \`sluice recover\` to finish or undo run ${run.runId}.`
  if (run?.decided) return new SluiceError('in-doubt', `${CAUSES[end]}, in the middle of the commit. ${hint}`)
  return new SluiceError(end === 'stopped' ? 'interrupted' : 'unfinished', `${CAUSES[end]}. ${hint}`)
}

const CAUSES: Readonly<Record<EarlyEnd, string>> = {
  drained:
    'The job waits for something that never comes, such as a promise that never settles or a stream that never calls back',
  exited: 'The job ended the process before the work was done: it must not call process.exit',
  stopped: 'Stopped at once',
}

const tellers: Tell[] = []
let why: EarlyEnd = 'exited'

function onDrained(): void {
  why = 'drained'
}

function onExit(): void {
  const tell = tellers.at(-1)
  if (tell !== undefined) process.exitCode = tell(why)
}
