/**
 * Throws TypeError for what an asynchronous function returned where an answer is wanted at once: a promise is true
 * whatever it will say. Its failure would be heard by nobody, and end the process.
 */
export function refusePromise(result: unknown): void {
  if (!(result instanceof Promise)) return
  result.catch(() => {})
  throw new TypeError('the function is asynchronous; only mapRows may be')
}
