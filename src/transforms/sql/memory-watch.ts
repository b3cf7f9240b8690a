/**
 * Resolves when this process has so many megabytes more than its query may hold. DuckDB neither counts nor spills the
 * values of some aggregates, such as the maximum of texts, so its own limit alone bounds nothing.
 */
export function overrun(memory: number): Promise<void> {
  const most = (memory + ALLOWANCE) * 1e6
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() <= most) return
      clearInterval(watch)
      resolve()
    }, PERIOD)
    watch.unref()
  })
}

/** Megabytes: twice of what queries were seen to take that keep to their limit. */
export const ALLOWANCE = 256

/** Milliseconds, in which some tens of megabytes can be filled. */
const PERIOD = 20
