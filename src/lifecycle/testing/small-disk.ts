import { execFileSync } from 'node:child_process'
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sandbox } from './sandbox.ts'

/** Why tests with a disk of their own cannot run here; false when they can. */
export const noDisk: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux to mount a small tmpfs'

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
