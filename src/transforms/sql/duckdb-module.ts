import { SluiceError } from '../../errors.ts'

/** The address of DuckDB's module, for another process to import. Throws `environment-unavailable`. */
export function duckdbModule(): string {
  try {
    return import.meta.resolve(NAME)
  } catch (cause) {
    const text = `sql needs the package ${NAME}, which is not installed: npm install ${NAME}`
    throw new SluiceError('environment-unavailable', text, { cause, context: { package: NAME } })
  }
}

const NAME = '@duckdb/node-api'
