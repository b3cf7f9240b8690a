import type { BatchMemory } from '../records/batch-memory.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { ByteInput } from './byte-input.ts'

/** A stretch of the input in one batch's memory: what the piece before left over, then fresh bytes. */
export interface Piece {
  readonly memory: BatchMemory
  readonly start: number
  readonly end: number
  /** The input's byte at `start`, counted from 0. */
  readonly offset: number
  /** No more bytes follow. */
  readonly final: boolean
  /** Gives the memory back. */
  release(): void
}

/**
 * Cuts an input into pieces, one ahead: while a piece is worked on, the next one is being read. What a piece leaves
 * over is copied in front of the next one before anybody may release its memory.
 */
export class PieceReader {
  readonly #input: ByteInput
  readonly #pool: BatchPool
  readonly #pieceBytes: number
  #offset = 0

  constructor(input: ByteInput, pool: BatchPool, pieceBytes: number = PIECE_BYTES) {
    this.#input = input
    this.#pool = pool
    this.#pieceBytes = pieceBytes
  }

  /** Bytes read so far. */
  get bytesRead(): number {
    return this.#offset
  }

  first(): Promise<Piece> {
    return this.#ahead(undefined, 0)()
  }

  /**
   * Starts reading behind `piece`, which was used up to `consumed`; the result waits for it. The rest of the piece
   * is copied before this returns, so that the piece may be released at any time after.
   */
  async next(piece: Piece, consumed: number): Promise<() => Promise<Piece>> {
    const memory = await this.#pool.acquire()
    return this.#ahead({ piece, memory }, consumed)
  }

  #ahead(from: { piece: Piece; memory: BatchMemory } | undefined, consumed: number): () => Promise<Piece> {
    const carry = from === undefined ? 0 : from.piece.end - consumed
    // A record that did not fit makes the next piece twice as long, so that long records cost no repeated scans.
    const wanted = Math.max(this.#pieceBytes, carry)
    const offset = this.#offset - carry
    const filling = this.#fill(from, consumed, carry, wanted)
    // The caller may stop before it asks for the piece; the failure is then nobody's business.
    filling.catch(() => {})
    return async () => {
      const { memory, start, read } = await filling
      const piece = {
        memory,
        start,
        end: start + carry + read,
        offset,
        final: read < wanted,
        release: () => this.#pool.release(memory),
      }
      return piece
    }
  }

  async #fill(
    from: { piece: Piece; memory: BatchMemory } | undefined,
    consumed: number,
    carry: number,
    wanted: number,
  ) {
    const memory = from?.memory ?? (await this.#pool.acquire())
    const start = memory.allocate(carry + wanted + 1)
    if (carry > 0) memory.linear.bytes.copyWithin(start, consumed, consumed + carry)
    const read = from?.piece.final ? 0 : await this.#input.read(start + carry, wanted)
    this.#offset += read
    return { memory, start, read }
  }
}

/** Large enough to make the work per piece cheap, small enough to stay in the second-level cache. */
export const PIECE_BYTES: number = 512 * 1024
