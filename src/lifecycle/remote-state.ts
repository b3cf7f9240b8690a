import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { SluiceError } from '../errors.ts'
import { listObjects } from '../storage/s3/find-objects.ts'
import { abortUploadsBelow } from '../storage/s3/multipart-upload.ts'
import { removePrefix } from '../storage/s3/remove-objects.ts'
import { isConflict, isNotFound, isPreconditionFailed, s3Error } from '../storage/s3/s3-error.ts'
import { formatS3, parseS3, type S3Location } from '../storage/s3/s3-location.ts'
import { ownSettings, type S3Settings, withSettings } from '../storage/s3/s3-settings.ts'
import { readFile, readText, writeFile, writeText } from '../storage/s3/small-objects.ts'
import { decodeLines } from './journal-line.ts'
import type { JournalRecord } from './journal-record.ts'
import { isLeased, type RemoteLease, takeRemoteLease } from './remote-lease.ts'

/**
 * A state directory that lies on S3, in the layout of a local one. Runs work on a copy in a local directory of their own;
 * what another machine must know to finish or undo them is brought here before they rely on it. The journal goes as a
 * whole, each version on the condition that the one before is still there: so only one process ever decides a run.
 */
export class RemoteState {
  readonly address: string
  /** Where the copy lies on this machine. */
  readonly copy: string
  readonly #place: S3Location
  /** Letters of a run may go to another S3. */
  readonly #settings: S3Settings = ownSettings() ?? {}
  /** The version of each journal that this process has read or written last. */
  readonly #versions = new Map<string, string>()

  constructor(address: string, use = 'runs') {
    const place = parseS3(address)
    this.#place = { ...place, key: place.key === '' || place.key.endsWith('/') ? place.key : `${place.key}/` }
    this.address = formatS3(this.#place)
    const name = createHash('sha256').update(`${this.address} ${use}`).digest('hex').slice(0, 16)
    this.copy = join(process.env['SLUICE_COPY'] ?? join(tmpdir(), `sluice-${process.getuid?.() ?? 0}`), name)
  }

  /** Undefined when a live process has the run. With the lease comes what is known of the run. */
  async claim(runId: string): Promise<RemoteLease | undefined> {
    return await this.#asking(async () => {
      const lease = await takeRemoteLease(this.#at(`leases/${runId}.json`))
      if (lease === undefined) return undefined
      try {
        await this.#bring(runId)
        return lease
      } catch (error) {
        await lease.release()
        throw error
      }
    })
  }

  isLive(runId: string): Promise<boolean> {
    return this.#asking(() => isLeased(this.#at(`leases/${runId}.json`)))
  }

  /** The ids of runs that are live or interrupted. */
  async unsettled(): Promise<readonly string[]> {
    const found = await this.#asking(() => listObjects(this.#at('runs/'), undefined, false))
    return [...new Set(found.map(({ key }) => key.slice(this.#at('runs/').key.length).split('/')[0] as string))]
  }

  /** What is written of a run now, whoever is at work on it; undefined when that cannot be read. */
  async journal(runId: string): Promise<readonly JournalRecord[] | undefined> {
    const found = await this.#asking(() => readText(this.#at(`runs/${runId}/journal.jsonl`)))
    try {
      return found === undefined ? undefined : decodeLines(Buffer.from(found.text), runId).records
    } catch {
      // Whoever recovers the run will say so.
      return undefined
    }
  }

  /** Makes the journal, as it is on this machine, the one that counts. Throws `run-lost` when it is another's by now. */
  async publish(runId: string, journal: string): Promise<void> {
    const version = this.#versions.get(runId)
    const condition = version === undefined ? { IfNoneMatch: '*' as const } : { IfMatch: version }
    const place = this.#at(`runs/${runId}/journal.jsonl`)
    try {
      const text = readFileSync(journal, 'utf8').trimEnd()
      const written = await withSettings(this.#settings, () => writeText(place, `${text}\n`, condition))
      this.#versions.set(runId, written)
    } catch (error) {
      // Whoever settled it took the journal away.
      const gone = version !== undefined && isNotFound(error) && (error as Error).name === 'NoSuchKey'
      if (gone || isPreconditionFailed(error) || isConflict(error)) throw lost(runId, error)
      throw s3Error(error, 'target-not-writable', `Cannot write the journal of run ${runId} to ${this.address}`)
    }
  }

  /** Sealed dead letters, which whoever finishes the run must deliver. */
  async keepLetters(runId: string, path: string): Promise<void> {
    await this.#asking(() => writeFile(this.#at(`runs/${runId}/${basename(path)}`), path))
  }

  /** A record that lies in the copy under the same name. */
  async keep(path: string): Promise<void> {
    const name = path.slice(this.copy.length + 1)
    await this.#asking(() => writeText(this.#at(name), readFileSync(path, 'utf8')).then(() => {}))
  }

  /** The run is complete: its journal goes where settled ones lie. */
  async settle(runId: string, journal: string): Promise<void> {
    await this.#asking(async () => {
      const text = existsSync(journal) ? readFileSync(journal, 'utf8') : ''
      if (text !== '') await writeText(this.#at(`settled/${runId}/journal.jsonl`), text)
      // Of dead letters whose writing was cut short.
      await abortUploadsBelow(this.#at(`runs/${runId}/`))
      await removePrefix(this.#at(`runs/${runId}/`))
    })
    this.#versions.delete(runId)
  }

  /** Brings the journals of open runs and the ledger here, for a list. Not into a copy on which runs are at work. */
  async bringAll(): Promise<void> {
    for (const runId of await this.unsettled()) await this.#asking(() => this.#bring(runId))
    for (const { key } of await this.#asking(() => listObjects(this.#at('ledger/'), undefined, false))) {
      await this.#asking(() => this.#copyText(key.slice(this.#place.key.length)))
    }
  }

  /** What lies here counts, not what an earlier run left on this machine. */
  async #bring(runId: string): Promise<void> {
    const run = join(this.copy, 'runs', runId)
    rmSync(run, { recursive: true, force: true })
    this.#versions.delete(runId)
    await this.#copyText(`ledger/${runId}.json`)
    const prefix = this.#at(`runs/${runId}/`)
    const signal = new AbortController().signal
    for (const { bucket, key } of await listObjects(prefix, undefined, false)) {
      const name = key.slice(prefix.key.length)
      if (name === 'journal.jsonl') await this.#bringJournal(runId, join(run, name))
      else await readFile({ bucket, key }, made(join(run, 'scratch', name)), signal)
    }
  }

  async #bringJournal(runId: string, path: string): Promise<void> {
    const found = await readText(this.#at(`runs/${runId}/journal.jsonl`))
    if (found === undefined) return
    writeFileSync(made(path), found.text, { mode: 0o600 })
    this.#versions.set(runId, found.etag)
  }

  async #copyText(name: string): Promise<void> {
    const found = await readText(this.#at(name))
    const path = join(this.copy, name)
    if (found === undefined) rmSync(path, { force: true })
    else writeFileSync(made(path), found.text, { mode: 0o600 })
  }

  #at(name: string): S3Location {
    return { bucket: this.#place.bucket, key: `${this.#place.key}${name}` }
  }

  async #asking<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await withSettings(this.#settings, work)
    } catch (error) {
      throw s3Error(error, 'target-not-writable', `Cannot use the state at ${this.address}`)
    }
  }
}

function made(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return path
}

function lost(runId: string, cause: unknown): SluiceError {
  return new SluiceError(
    'run-lost',
    `Another process took run ${runId} over, for it showed no life. It settles the run.`,
    {
      context: { runId },
      cause,
    },
  )
}
