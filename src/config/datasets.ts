import type { Environment } from '../context.ts'
import { SluiceError } from '../errors.ts'

export const ENVIRONMENTS: readonly Environment[] = ['local', 'dev', 'staging', 'prod']

/** The environment by name. Throws `environment-unavailable`: only `local` is there so far. */
export function checkEnvironment(name: string): Environment {
  if (name === 'local') return name
  const known = (ENVIRONMENTS as readonly string[]).includes(name)
  const text = known
    ? `The environment "${name}" needs S3, which this version does not have. Use --env local.`
    : `There is no environment "${name}". The environments are ${ENVIRONMENTS.join(', ')}.`
  throw new SluiceError('environment-unavailable', text, { context: { environment: name } })
}

/** Where a dataset lies. Locally it is a fixture. Throws `dataset-not-found`. */
export function locateDataset(name: string): string {
  if (/^[\w-]+$/.test(name)) return `fixtures/${name}.csv`
  throw new SluiceError('dataset-not-found', `A dataset's name is letters, digits, "_" and "-", not "${name}".`)
}
