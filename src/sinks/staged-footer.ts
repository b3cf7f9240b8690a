import { open } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import { decodeFooter, type Footer, footerLength, TAIL } from '../parquet/footer.ts'
import type { StagedPart } from '../storage/target.ts'

/** The footer of a local file that this run staged, and where it begins. Throws `staged-lost` if somebody changed it. */
export async function readStagedFooter({
  path,
  bytes,
}: StagedPart): Promise<{ readonly footer: Footer; readonly start: number }> {
  const file = await open(path, 'r')
  try {
    const read = async (from: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
      if (bytesRead === length) return buffer
      throw new SluiceError('staged-lost', `${path} has no bytes ${from} to ${from + length}: somebody changed it.`)
    }
    const length = footerLength(await read(bytes - TAIL, TAIL))
    if (length === undefined) throw new SluiceError('staged-lost', `${path} has no footer: somebody changed it.`)
    return { footer: decodeFooter(await read(bytes - length, length)), start: bytes - length }
  } finally {
    await file.close()
  }
}
