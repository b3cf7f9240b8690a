import { localPath } from '../config/local-path.ts'
import type { Settings } from '../config/settings.ts'

/**
 * Where rejected rows go: whoever runs the job has the last word, then the job, then the configuration. Undefined: to
 * the state directory. Throws `config-invalid` for a place that is not there yet.
 */
export function placeLetters(ofJob: string | undefined, { deadLetters }: Settings): string | undefined {
  const { value, from } = deadLetters
  const location = from === 'flag' || from === 'variable' ? value : (ofJob ?? value)
  return location === undefined ? undefined : localPath('deadLetters', location)
}
