import type { RunEvent } from '../../context.ts'
import type { SluiceError } from '../../errors.ts'
import { toldError } from './failure.ts'

/**
 * Signals, and errors that nobody caught, while a run is at work. The first one aborts the run, unless it is decided:
 * then it finishes. A second signal ends the process at once.
 */
export class Interruption implements Disposable {
  /** What was thrown where nobody could catch it, such as in a timer of the job. */
  crash: SluiceError | undefined
  readonly #abort = new AbortController()
  readonly #runId: string
  #decided = false

  constructor(runId: string) {
    this.#runId = runId
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
    process.on('uncaughtException', this.#onCrash)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  see(event: RunEvent): void {
    if (event.type === 'RunDecided') this.#decided = true
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
    process.off('uncaughtException', this.#onCrash)
  }

  readonly #onSignal = (): void => {
    if (!this.signal.aborted) {
      this.#abort.abort()
      return
    }
    const hint = `Run \`sluice recover\` to finish or undo run ${this.#runId}.`
    process.stderr.write(`\nerror: Stopped at once. ${hint}\n`)
    // Whether a decided run became visible is for recovery to find out.
    process.exit(this.#decided ? 5 : 130)
  }

  readonly #onCrash = (error: unknown): void => {
    this.crash ??= toldError(error)
    this.#abort.abort(this.crash)
  }
}
