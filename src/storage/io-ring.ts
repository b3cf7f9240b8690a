/**
 * The ring of requests between a thread and its I/O thread, in shared memory. Each request is one slot; the thread
 * beside takes them in order. Passing one costs an atomic store, and a wake-up only if the other side sleeps: with
 * messages, wake-ups cost as much as the work.
 */
export const SLOTS = 64
export const SLOT_WORDS = 16

/** Words of a slot; the first one is its state. */
export const OPERATION = 1
export const FD = 2
export const ADDRESS = 3
export const LENGTH = 4
export const POSITION_LOW = 5
export const POSITION_HIGH = 6
export const DIGEST = 7
/** Bytes read, or the first of eight words of a digest. */
export const RESULT = 8

export const FREE = 0
export const ASKED = 1
export const DONE = 2
/** What went wrong comes as a message. */
export const FAILED = 3

export const READ = 1
export const WRITE = 2
export const HASH = 3
export const CLOSE_DIGEST = 4

/** No digest. */
export const NO_DIGEST = -1

/** A failed request, as the I/O thread tells it. */
export interface IoFailure {
  readonly slot: number
  readonly message: string
  readonly code: string | undefined
  readonly errno: number | undefined
  readonly syscall: string | undefined
}
