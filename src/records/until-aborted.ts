/**
 * Waits for a promise, but no longer than until the signal aborts: then throws its reason. For waits on what nobody
 * can bound, such as a user's function or an idle pipe; whoever is left waiting must do no harm.
 */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
