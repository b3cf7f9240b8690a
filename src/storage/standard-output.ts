import { fstatSync } from 'node:fs'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { writeFully } from './durable.ts'

let stream: Writable | undefined

/**
 * stdout, which takes all or has an error. Where it is a file, the stream of Node.js will not do: it does not look how
 * many bytes a write took, so what a full disk left out would be missing without a word.
 */
export function standardOutput(): Writable {
  stream ??= isFile(STDOUT) ? fileOutput(STDOUT) : process.stdout
  return stream
}

const STDOUT = 1

/** Devices are written like files, but for terminals. */
function isFile(fd: number): boolean {
  const stat = fstatSync(fd)
  return stat.isFile() || (stat.isCharacterDevice() && !isatty(fd))
}

function fileOutput(fd: number): Writable {
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      try {
        writeFully(fd, chunk, null)
      } catch (error) {
        done(error as Error)
        return
      }
      done()
    },
  })
  // Whoever writes hears of it.
  output.on('error', () => {})
  return output
}
