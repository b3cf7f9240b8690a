import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { PYICEBERG_VERSION } from '../../scripts/interop/python.ts'
import { ROOT } from '../places.ts'

/** What the figures were measured on and with: name and value, in the order to print them. */
export function machine(): readonly (readonly [string, string])[] {
  const processors = cpus()
  return [
    ['Date', new Date().toISOString().slice(0, 10)],
    ['Processor', `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`],
    ['Memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
    ['System', `${process.platform} ${release()} ${process.arch}`],
    ['Node', process.version],
    ...PACKAGES.map((name) => [name, packageVersion(name)] as const),
    ['pyiceberg', PYICEBERG_VERSION],
  ]
}

function packageVersion(name: string): string {
  return JSON.parse(readFileSync(`${ROOT}/node_modules/${name}/package.json`, 'utf8')).version
}

const PACKAGES = ['csv-parse', 'csv-stringify', '@duckdb/node-api'] as const
