import { SluiceError } from '../../errors.ts'
import { type Upload, type UploadedPart, uploadPart } from './multipart-upload.ts'
import { MOST_PARTS, partBytes } from './part-plan.ts'
import { s3Error } from './s3-error.ts'
import { formatS3 } from './s3-location.ts'

/** Cuts bytes into the parts of an upload: while one is filled, a few are under way. Fixed memory. */
export class PartUploader {
  readonly #upload: Upload
  readonly #sending = new Set<Promise<void>>()
  readonly #sent: UploadedPart[] = []
  readonly #stop = new AbortController()
  /** Memory of parts that have arrived. */
  readonly #free: Buffer[] = []
  #failure: unknown
  #number = 1
  /** The part that is being filled, and how much of it is. */
  #part: Buffer = Buffer.alloc(0)
  #filled = 0

  constructor(upload: Upload) {
    this.#upload = upload
  }

  /** Takes the bytes of [start, end), copying them. Waits while too many parts are under way. */
  async append(bytes: Buffer, start: number, end: number): Promise<void> {
    for (let at = start; at < end; ) {
      if (this.#filled === this.#part.length) await this.#nextPart()
      const taken = bytes.copy(this.#part, this.#filled, at, Math.min(end, at + this.#part.length - this.#filled))
      this.#filled += taken
      at += taken
    }
  }

  /** Sends what is left and waits for all. An upload without parts cannot be completed: no bytes are one empty part. */
  async end(): Promise<readonly UploadedPart[]> {
    if (this.#filled > 0 || this.#number === 1) this.#send(this.#part.subarray(0, this.#filled))
    await Promise.all(this.#sending)
    if (this.#failure !== undefined) throw this.#failure
    return this.#sent.sort((a, b) => a.number - b.number)
  }

  /** Breaks off what is under way; resolves when nothing is. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#sending)
  }

  async #nextPart(): Promise<void> {
    if (this.#filled > 0) this.#send(this.#part)
    while (this.#sending.size >= MOST_UNDER_WAY) await Promise.race(this.#sending)
    if (this.#failure !== undefined) throw this.#failure
    if (this.#number > MOST_PARTS) throw tooLarge(this.#upload)
    this.#part = this.#memory(partBytes(this.#number))
    this.#filled = 0
  }

  /** What only the collector of garbage frees would pile up. */
  #memory(byteLength: number): Buffer {
    for (let used = this.#free.pop(); used !== undefined; used = this.#free.pop()) {
      if (used.length === byteLength) return used
    }
    return Buffer.allocUnsafeSlow(byteLength)
  }

  /** The SDK repeats what fails on its way, for the body is in memory. */
  #send(body: Buffer): void {
    const sending = uploadPart(this.#upload, this.#number++, body, this.#stop.signal)
      .then((part) => {
        this.#sent.push(part)
        this.#free.push(body)
      })
      .catch((error) => {
        this.#failure ??= s3Error(error, 'target-not-writable', `Cannot write ${formatS3(this.#upload)}`)
      })
      .finally(() => void this.#sending.delete(sending))
    this.#sending.add(sending)
  }
}

function tooLarge(upload: Upload): SluiceError {
  return new SluiceError(
    'target-not-writable',
    `${formatS3(upload)} would have more than ${MOST_PARTS} parts; write to a prefix.`,
  )
}

const MOST_UNDER_WAY = 4
