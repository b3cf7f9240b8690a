import { SluiceError } from '../errors.ts'

const SHAPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** A fresh run id. It sorts by time and is safe as a file name. */
export function newRunId(now: Date = new Date()): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  return `${time}-${randomBytes(4).toString('hex')}`
}

/** Run ids become file names, so the ones that people choose must be plain. Throws `usage`. */
export function checkRunId(runId: string): void {
  if (SHAPE.test(runId)) return
  throw new SluiceError(
    'usage',
    `The run id ${JSON.stringify(runId)} must be 1 to 100 letters, digits, ".", "_" or "-" and begin with a letter or digit.`,
  )
}
