import { createHash } from 'node:crypto'
import { keptPieces } from '../splice.ts'
import type { StagedPart } from '../target.ts'
import type { Upload, UploadedPart } from './multipart-upload.ts'
import { PartUploader } from './part-uploader.ts'

export interface UploadedFiles {
  readonly parts: readonly UploadedPart[]
  readonly bytes: number
  readonly sha256: string
}

/** Uploads the kept bytes of local parts, one behind the other. Throws `staged-lost` when one is not as it was sealed. */
export async function uploadFiles(upload: Upload, files: readonly StagedPart[]): Promise<UploadedFiles> {
  const hash = createHash('sha256')
  const uploader = new PartUploader(upload)
  const block = Buffer.allocUnsafe(BLOCK)
  let bytes = 0
  try {
    for (const file of files) {
      for await (const piece of keptPieces(file, block)) {
        hash.update(piece)
        bytes += piece.length
        await uploader.append(piece, 0, piece.length)
      }
    }
    return { parts: await uploader.end(), bytes, sha256: hash.digest('hex') }
  } catch (error) {
    await uploader.stop()
    throw error
  }
}

const BLOCK = 1 << 20
