import { standardOutput } from '../../storage/standard-output.ts'
import { writeError } from '../../storage/write-error.ts'
import { jsonText } from './json-text.ts'

/**
 * Writes to stdout, at once; resolves when all is taken. A reader that has seen enough, such as `head`, is no error.
 * Throws `disk-full` or `target-not-writable`.
 */
export function print(text: string): Promise<void> {
  return new Promise((done, failed) => {
    standardOutput().write(text, (error) => {
      if (error == null || (error as NodeJS.ErrnoException).code === 'EPIPE') done()
      else failed(writeError(error, 'stdout'))
    })
  })
}

export function printJson(value: unknown): Promise<void> {
  return print(jsonText(value, process.stdout))
}
