import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Git ignores it; all that the lane installs lies in it. */
export const VENV = resolve('.venv-interop')

export const PYICEBERG_VERSION = '0.12.0'

/** What others wrote, in the versions that were tried. */
const PACKAGES = [
  'moto[server]==5.2.1',
  `pyiceberg[pyarrow,pyiceberg-core,sql-sqlite]==${PYICEBERG_VERSION}`,
  'pyarrow==26.0.1',
  'sqlalchemy==2.1.9',
  's3fs==2026.9.0',
  'pyspark==3.5.7',
]

/** Installs them once. What is in the way of that, if anything. */
export function installPython(): string | undefined {
  const done = `${VENV}/installed-${createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8)}`
  if (existsSync(done)) return undefined
  const version = spawnSync('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))'])
  if (`${version.stdout}`.trim() !== 'True') return 'there is no python3 of version 3.11 or later with venv'
  rmSync(VENV, { recursive: true, force: true })
  for (const [command, ...words] of [
    ['python3', '-m', 'venv', VENV],
    [`${VENV}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES],
  ] as const) {
    const { status, stderr } = spawnSync(command, words, { stdio: ['ignore', 'inherit', 'pipe'] })
    if (status !== 0) return `${command} ${words.join(' ')} failed: ${`${stderr}`.trim().split('\n').at(-1)}`
  }
  writeFileSync(done, '')
  return undefined
}
