import type { Settings } from '../config/settings.ts'
import type { Notifier } from './notifications/notifier.ts'
import { notifiersOf } from './notifications/notifiers.ts'

/** Who is told how a run ended, by the same precedence as that of dead letters. A job that names an empty list tells nobody. */
export function placeNotifiers(
  ofJob: readonly Notifier[] | undefined,
  { notify }: Pick<Settings, 'notify'>,
): readonly Notifier[] {
  const { value = [], from } = notify
  return from === 'flag' || from === 'variable' ? notifiersOf(value) : (ofJob ?? notifiersOf(value))
}
