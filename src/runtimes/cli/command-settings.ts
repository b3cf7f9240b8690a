import { resolveSettings, type Settings } from '../../config/settings.ts'
import { shareLibrary } from './share-library.ts'

/** The flags that say where a command works. */
export interface SettingFlags {
  readonly config?: string | undefined
  readonly env?: string | undefined
  readonly state?: string | undefined
  readonly dlq?: string | undefined
}

/** What the flags, the variables and the configuration file say. Throws `config-invalid`, `environment-unavailable`. */
export function commandSettings({ config, env, state, dlq }: SettingFlags): Promise<Settings> {
  // The configuration file may import the library that runs it.
  shareLibrary()
  return resolveSettings({ config, environment: env, state, deadLetters: dlq })
}
