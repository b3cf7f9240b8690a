import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { asSluiceError, ERRORS, SluiceError } from './errors.ts'

const PAGE = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')

describe('errors', () => {
  it('are listed in docs/errors.md as in the table, and no others are', () => {
    const documented = [...PAGE.matchAll(/^\| `([\w-]+)` +\| (\d+) +\| (.+?) +\|$/gm)].map(
      ([, code, exitCode, meaning]) => {
        return [code, Number(exitCode), meaning]
      },
    )
    const known = Object.entries(ERRORS).map(([code, { exitCode, meaning }]) => [code, exitCode, meaning])
    assert.deepEqual(documented, known)
  })

  it('keep their code and cause when they are passed on', () => {
    const inner = new SluiceError('target-moved', 'moved')
    assert.equal(asSluiceError(inner, 'internal', 'Somewhere'), inner)
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/x' })
    const full = asSluiceError(cause, 'source-failed', 'Cannot read')
    assert.deepEqual([full.code, full.exitCode, full.cause, full.context], ['disk-full', 4, cause, { path: '/x' }])
  })
})
