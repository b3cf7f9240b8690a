import type { LinearMemory } from '../../records/linear-memory.ts'
import type { ByteIo, DigestId } from '../byte-io.ts'
import type { SealedBytes, StagedOutput } from '../staged-output.ts'
import type { Upload, UploadedPart } from './multipart-upload.ts'
import { PartUploader } from './part-uploader.ts'
import { formatS3 } from './s3-location.ts'

/** The parts of an upload, as `SealedBytes.staged`. */
export interface StagedUpload {
  readonly upload: Upload
  readonly parts: readonly UploadedPart[]
}

/** Writes from linear memory to an upload. It completes nothing: whoever decides does that, or aborts. */
export class UploadWriter implements StagedOutput {
  bytes = 0
  readonly linear: LinearMemory
  readonly #io: ByteIo
  readonly #upload: Upload
  readonly #uploader: PartUploader
  readonly #digest: DigestId
  #address = 0
  #size = 0

  constructor(upload: Upload, linear: LinearMemory, io: ByteIo) {
    this.#upload = upload
    this.#uploader = new PartUploader(upload)
    this.linear = linear
    this.#io = io
    this.#digest = io.openDigest()
  }

  /** One buffer is enough, for parts are copies. */
  async buffer(byteLength: number): Promise<number> {
    if (this.#size < byteLength) {
      this.linear.release(this.#address)
      this.#size = byteLength * 1.25
      this.#address = this.linear.reserve(this.#size)
    }
    return this.#address
  }

  async write(byteLength: number): Promise<void> {
    const hashing = this.#io.hash(this.#digest, this.#address, byteLength)
    this.bytes += byteLength
    await this.#uploader.append(this.linear.bytes, this.#address, this.#address + byteLength)
    // The buffer is filled anew after this.
    await hashing
  }

  async seal(): Promise<SealedBytes> {
    const parts = await this.#uploader.end()
    const staged: StagedUpload = { upload: this.#upload, parts }
    return { path: formatS3(this.#upload), bytes: this.bytes, sha256: await this.#io.closeDigest(this.#digest), staged }
  }

  async close(): Promise<void> {
    await this.#uploader.stop()
    this.linear.release(this.#address)
    this.#address = 0
    this.#size = 0
  }
}
