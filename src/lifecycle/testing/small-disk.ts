import { execFileSync } from 'node:child_process'
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sandbox } from './sandbox.ts'

const linux = process.platform === 'linux'
const root = process.getuid?.() === 0

/** Why tests with a disk of their own cannot run here; false when they can. */
export const noDisk: string | false = skip(linux && root, 'needs root on Linux to mount a small tmpfs')

/** Why tests that need to be refused permission cannot run here. */
export const noPermissions: string | false = skip(linux || !root, 'root is refused nothing')

/** Where all must be proven nothing is skipped: there the test fails. */
function skip(possible: boolean, reason: string): string | false {
  return possible || process.env['CI'] === 'true' ? false : reason
}

/** A disk of a few bytes, gone when the test is over. */
export function smallDisk(size: string): { readonly path: string } & Disposable {
  const box = sandbox('disk')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', box.path])
  const unmount = () => {
    execFileSync('umount', ['-l', box.path])
    box[Symbol.dispose]()
  }
  return { path: box.path, [Symbol.dispose]: unmount }
}

/** Leaves so many bytes free. */
export function fillDisk(path: string, but = 0): void {
  const { bavail, bsize } = statfsSync(path)
  writeFileSync(join(path, 'filler'), Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - but)))
}

export function makeReadOnly(path: string): void {
  execFileSync('mount', ['-o', 'remount,ro', path])
}
