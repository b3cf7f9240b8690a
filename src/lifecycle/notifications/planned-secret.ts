import { fromEnv, Secret, type SecretSource } from '../../config/secret.ts'

/** What may be journaled of a value: its text where that is no secret, else where another process finds it, if it can. */
export type PlannedSecret =
  | { readonly text: string }
  | { readonly variable: string }
  /** Only the program that ran the job can provide it. */
  | { readonly hidden: true }

export function plannedSecret(source: SecretSource): PlannedSecret {
  if (typeof source === 'string') return { text: source }
  const variable = source instanceof Secret ? source.variable : undefined
  return variable === undefined ? { hidden: true } : { variable }
}

/** The value again, or one that cannot be revealed. */
export function revived(planned: PlannedSecret, name: string): SecretSource {
  if ('text' in planned) return planned.text
  if ('variable' in planned) return fromEnv(planned.variable)
  return new Secret(`${name}, which only the program that ran the job knows,`, () => undefined)
}
