import type { Settings } from '../config/settings.ts'

/**
 * Where rejected rows go: whoever runs the job has the last word, then the job, then the configuration. Undefined: to
 * the state directory.
 */
export function placeLetters(
  ofJob: string | undefined,
  { deadLetters }: Pick<Settings, 'deadLetters'>,
): string | undefined {
  const { value, from } = deadLetters
  return from === 'flag' || from === 'variable' ? value : (ofJob ?? value)
}
