/** Another process for the tests of locks: `hold` until killed, `try` once, or `contend` for it and log. */
import { appendFileSync } from 'node:fs'
import { lock, tryLock } from '../file-lock.ts'

const [mode, path, log] = process.argv.slice(2) as [string, string, string]

if (mode === 'hold') {
  console.log(tryLock(path) === undefined ? 'busy' : 'held')
  setInterval(() => {}, 1000)
} else if (mode === 'try') {
  console.log(tryLock(path) === undefined ? 'busy' : 'held')
} else {
  for (let round = 0; round < 50; round++) {
    using _held = await lock(path)
    appendFileSync(log, `in ${process.pid} ${round}\n`)
    appendFileSync(log, `out ${process.pid} ${round}\n`)
  }
}
