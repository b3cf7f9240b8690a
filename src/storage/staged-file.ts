import { type FileHandle, open } from 'node:fs/promises'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo, DigestId } from './byte-io.ts'
import type { SealedBytes, StagedOutput } from './staged-output.ts'
import { writeError } from './write-error.ts'

/**
 * Writes a file from linear memory through a few buffers: while one is filled, another is written by the thread pool
 * and hashed by the helper. The file is pushed to the disk as it grows, so that the last fsync finds little to do.
 */
export class StagedFile implements StagedOutput {
  bytes = 0
  readonly path: string
  readonly #file: FileHandle
  readonly linear: LinearMemory
  readonly #io: ByteIo
  readonly #digest: DigestId | undefined
  readonly #buffers: Buffer_[] = []
  readonly #free: Buffer_[] = []
  readonly #waiting: ((buffer: Buffer_) => void)[] = []
  /** Everything that has been started; fails with the first failure. */
  #pending: Promise<void> = Promise.resolve()
  #syncing: Promise<void> | undefined
  #synced = 0

  /** A file whose bytes are hashed on their way. */
  static async create(path: string, linear: LinearMemory, io: ByteIo): Promise<StagedFile> {
    return new StagedFile(path, await openFor(path, 'wx'), { linear, io, digest: io.openDigest() })
  }

  /** A file that nobody else may read, and without a digest. */
  static async createPrivate(path: string, linear: LinearMemory, io: ByteIo): Promise<StagedFile> {
    return new StagedFile(path, await openFor(path, 'wx', 0o600), { linear, io })
  }

  /** Goes on with a file that has so many bytes, without a digest. */
  static async append(path: string, bytes: number, linear: LinearMemory, io: ByteIo): Promise<StagedFile> {
    const file = new StagedFile(path, await openFor(path, 'r+'), { linear, io })
    file.bytes = bytes
    return file
  }

  private constructor(path: string, file: FileHandle, { linear, io, digest }: FileResources) {
    this.path = path
    this.#file = file
    this.linear = linear
    this.#io = io
    this.#digest = digest
    for (let i = 0; i < BUFFERS; i++) this.#buffers.push({ address: 0, size: 0 })
    this.#free.push(...this.#buffers)
  }

  /** A buffer of at least `byteLength` bytes to fill; wait for it, then call `write`. */
  async buffer(byteLength: number): Promise<number> {
    const buffer = this.#free.pop() ?? (await new Promise<Buffer_>((resolve) => this.#waiting.push(resolve)))
    if (buffer.size < byteLength) {
      this.linear.release(buffer.address)
      buffer.size = byteLength * 1.25
      buffer.address = this.linear.reserve(buffer.size)
    }
    this.#current = buffer
    return buffer.address
  }

  #current: Buffer_ = { address: 0, size: 0 }

  /** Appends the first bytes of the buffer. Throws what an earlier write failed with. */
  async write(byteLength: number): Promise<void> {
    const buffer = this.#current
    const position = this.bytes
    this.bytes += byteLength
    const work = this.#write(buffer.address, byteLength, position).finally(() => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(buffer)
      else next(buffer)
    })
    this.#pending = Promise.all([this.#pending, work]).then(() => {})
    this.#pending.catch(() => {})
    if (this.#failure !== undefined) throw this.#failure
  }

  #failure: unknown

  async #write(address: number, byteLength: number, position: number): Promise<void> {
    try {
      await this.#io.write(this.#file.fd, address, byteLength, position, this.#digest)
      this.#push(position + byteLength)
    } catch (error) {
      this.#failure ??= writeError(error, this.path)
      throw this.#failure
    }
  }

  /** Starts writing back to the disk now and then; one call at a time. */
  #push(written: number): void {
    if (this.#syncing !== undefined || written - this.#synced < SYNC_BYTES) return
    this.#synced = written
    this.#syncing = this.#file.datasync().then(
      () => {
        this.#syncing = undefined
      },
      (error) => {
        this.#failure ??= error
      },
    )
  }

  /** Waits for all writes and closes. Of a file without a digest `finish` it. */
  async seal(): Promise<SealedBytes> {
    await this.finish()
    return { path: this.path, bytes: this.bytes, sha256: await this.#io.closeDigest(this.#digest as DigestId) }
  }

  /** Waits for all writes and closes. Whoever needs the file to survive a power cut asks for it. */
  async finish({ durable = false }: { readonly durable?: boolean } = {}): Promise<void> {
    try {
      await this.#pending
      await this.#syncing
      if (this.#failure !== undefined) throw this.#failure
      if (durable) await this.#file.sync()
    } catch (error) {
      throw writeError(error, this.path)
    }
    await this.#file.close()
  }

  /** Gives handle and buffers back, sealed or not, also the buffer that somebody was to fill. */
  async close(): Promise<void> {
    await this.#pending.catch(() => {})
    await this.#syncing
    for (const { address } of this.#buffers.splice(0)) this.linear.release(address)
    await this.#file.close()
  }
}

async function openFor(path: string, flags: string, mode?: number): Promise<FileHandle> {
  try {
    return await open(path, flags, mode)
  } catch (error) {
    throw writeError(error, path)
  }
}

interface FileResources {
  readonly linear: LinearMemory
  readonly io: ByteIo
  readonly digest?: DigestId
}

interface Buffer_ {
  address: number
  size: number
}

const BUFFERS = 2
const SYNC_BYTES = 32 << 20
