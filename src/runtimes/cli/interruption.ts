import type { RunEvent } from '../../context.ts'
import type { SluiceError } from '../../errors.ts'
import { earlyEndError, stopAtOnce } from './early-end.ts'
import { toldError } from './failure.ts'

/**
 * Signals, errors that nobody caught, and waits without end, while a run is at work. The first one aborts the run,
 * unless it is decided: then it finishes. A second signal ends the process at once.
 */
export class Interruption implements Disposable {
  /** What was thrown where nobody could catch it, such as in a timer of the job. */
  crash: SluiceError | undefined
  /** True when the run will finish, whatever happens to this process. */
  decided = false
  readonly #abort = new AbortController()

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
    process.on('uncaughtException', this.#onCrash)
    process.on('beforeExit', this.#onDrained)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  see(event: RunEvent): void {
    if (event.type === 'RunDecided') this.decided = true
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
    process.off('uncaughtException', this.#onCrash)
    process.off('beforeExit', this.#onDrained)
  }

  readonly #onSignal = (): void => {
    if (this.signal.aborted) stopAtOnce()
    this.#abort.abort()
  }

  readonly #onCrash = (error: unknown): void => {
    this.crash ??= toldError(error)
    this.#abort.abort(this.crash)
  }

  /** Nothing is left that could wake the run, so it can still be undone in good order. If not, the process ends here. */
  readonly #onDrained = (): void => {
    if (!this.decided) this.#abort.abort(earlyEndError('drained'))
  }
}
