import { SluiceError } from '../../errors.ts'
import { endProcess } from './early-end.ts'
import { type FailureFlags, failed } from './failure.ts'

/**
 * The first process of a container has no default for signals: what it does not listen to it does not get, and so would
 * be killed in the end. Elsewhere a signal ends a command by itself.
 */
export function endOnSignals(flags: FailureFlags): Disposable {
  const listeners = (process.pid === 1 ? SIGNALS : []).map((signal) => {
    const end = () => {
      // A run at work listens, too: it stops in good order.
      if (process.listenerCount(signal) > 1) return
      endProcess(failed(new SluiceError('interrupted', `Ended by ${signal}, with no run at work.`), flags))
    }
    process.on(signal, end)
    return () => process.off(signal, end)
  })
  const dispose = () => {
    for (const remove of listeners) remove()
  }
  return { [Symbol.dispose]: dispose }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
