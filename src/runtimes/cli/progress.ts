import type { RunEvent } from '../../context.ts'
import { bytes, clipped, count, duration } from './format.ts'
import { paint } from './paint.ts'

const REDRAW_MS = 100
const BAR = 24

/** One line on a terminal that is drawn over and over, at most ten times a second. */
export class Progress {
  readonly #job: string
  readonly #stream: NodeJS.WriteStream
  readonly #now: () => number
  readonly #started: number
  #drawn: number
  #visible = false
  #bytes = 0
  #rows = 0
  #total: number | undefined
  #phase = ''

  constructor(job: string, stream: NodeJS.WriteStream, now: () => number = () => performance.now()) {
    this.#job = job
    this.#stream = stream
    this.#now = now
    this.#started = now()
    this.#drawn = this.#started
  }

  see(event: RunEvent): void {
    if (event.type === 'RunPlanned') this.#total = event.bytes
    if (event.type === 'BatchRead') {
      this.#bytes += event.bytes
      this.#rows += event.rows
    }
    if (event.type === 'SplitStaged') this.#phase = 'judging'
    if (event.type === 'RunDecided') this.#phase = 'committing'
    this.#draw()
  }

  clear(): void {
    if (this.#visible) this.#stream.write(ERASE)
    this.#visible = false
  }

  #draw(): void {
    const now = this.#now()
    if (now - this.#drawn < REDRAW_MS) return
    this.#drawn = now
    this.#visible = true
    this.#stream.write(ERASE + this.#line(now - this.#started))
  }

  #line(elapsed: number): string {
    const speed = `${count((this.#rows / elapsed) * 1000)} rows/s`
    const share = this.#total ? Math.min(1, this.#bytes / this.#total) : undefined
    const read = this.#total === undefined ? bytes(this.#bytes) : `${bytes(this.#bytes)} of ${bytes(this.#total)}`
    const left = share ? (elapsed / share) * (1 - share) : undefined
    const end = this.#phase || (left === undefined ? '' : `${duration(left)} left`)
    const text = `${read}  ${speed}  ${end}`
    const bar = share === undefined ? '' : `${this.#bar(share)}  `
    const room = (this.#stream.columns || 80) - this.#job.length - (bar === '' ? 2 : BAR + 4)
    return `${paint('bold', this.#job, this.#stream)}  ${bar}${clipped(text, Math.max(10, room - 1))}`
  }

  #bar(share: number): string {
    const full = Math.round(share * BAR)
    return paint('cyan', '█'.repeat(full), this.#stream) + paint('dim', '░'.repeat(BAR - full), this.#stream)
  }
}

const ERASE = '\r\u001b[2K'
