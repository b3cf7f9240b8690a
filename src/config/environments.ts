import type { Environment } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { nearMiss } from './near-miss.ts'

export const ENVIRONMENTS: readonly Environment[] = ['local', 'dev', 'staging', 'prod']

/** The environment by name, among ours and those that the configuration adds. Throws `environment-unavailable`. */
export function checkEnvironment(name: string, own: readonly string[] = []): Environment {
  const known = [...new Set([...ENVIRONMENTS, ...own])]
  if (known.includes(name)) return name
  const near = nearMiss(name, known)
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  throw new SluiceError(
    'environment-unavailable',
    `There is no environment "${name}". The environments are ${known.join(', ')}.${hint}`,
    { context: { environment: name } },
  )
}
