import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { BatchPool } from '../records/batch-pool.ts'
import { openFileInput } from './byte-input.ts'
import { pooledIo } from './byte-io.ts'
import { identify, listFiles } from './local-files.ts'

const root = process.getuid?.() === 0
const NOBODY = 65534

describe('an input that cannot be read', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-read-'))
    writeFileSync(join(directory, 'in.csv'), 'id\n1\n')
    symlinkSync('loop', join(directory, 'loop'))
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  for (const [name, why] of [
    ['nothing', 'it does not exist. Check the path.'],
    ['in.csv/x', 'a part of the path is a file, not a directory; check the path.'],
    ['loop', 'its symbolic links form a loop; remove one of them.'],
    ['x'.repeat(300), 'the name is too long for the file system; check the path.'],
  ] as const) {
    it(`is told with what to do: ${name.slice(0, 20)}`, async () => {
      const path = join(directory, name)
      const expected = { code: 'source-not-found', message: `Cannot read ${path}: ${why}` }
      for (const reading of [() => identify(path), () => listFiles(path), () => open(path)]) {
        await assert.rejects(reading, expected)
      }
    })
  }

  it('is told with what to do: closed to the user', {
    skip: root ? false : 'needs root to be another user',
  }, async () => {
    const path = join(directory, 'in.csv')
    const message = `Cannot read ${path}: permission denied; change its permissions or owner, or run as another user.`
    process.seteuid?.(NOBODY)
    try {
      await assert.rejects(open(path), { code: 'source-not-found', message })
      await assert.rejects(listFiles(directory), { code: 'source-not-found', message: /permission denied/ })
    } finally {
      process.seteuid?.(0)
    }
  })
})

function open(path: string) {
  return openFileInput(pooledIo(new BatchPool().linear), path)
}
