import { boundSpec, liveEntries } from './live-files.ts'
import { writeManifest } from './manifest.ts'
import { DELETED, EXISTING, type ManifestEntry } from './manifest-entry.ts'
import { type ManifestFile, manifestFile } from './manifest-list.ts'
import { writeTableFile } from './table-files.ts'
import { currentSchema, specOf, type TableMetadata } from './table-metadata.ts'

/** Writes the manifests that carry files of older snapshots into a new one. Keeps what it wrote, for the next attempt. */
export class CarriedManifests {
  readonly #folder: string
  readonly #snapshotId: bigint
  readonly #written = new Map<string, { readonly path: string; readonly length: number }>()

  constructor(folder: string, snapshotId: bigint) {
    this.#folder = folder
    this.#snapshotId = snapshotId
  }

  /** All live files once more, as removed by this snapshot: so expiry finds them, and nobody else needs to look for them. */
  async removed(
    manifests: readonly ManifestFile[],
    metadata: TableMetadata,
    sequenceNumber: bigint,
  ): Promise<readonly { readonly manifest: ManifestFile; readonly entries: readonly ManifestEntry[] }[]> {
    const removed = []
    for (const manifest of manifests) {
      const live = await liveEntries(manifest, metadata)
      const entries = live.map((entry) => ({ ...entry, status: DELETED, snapshotId: this.#snapshotId }))
      removed.push({ manifest: await this.#write('removed', [manifest], entries, metadata, sequenceNumber), entries })
    }
    return removed
  }

  /**
   * The same files in fewer manifests, once there are too many of them: every reader opens them all. Those of one spec are
   * joined, the oldest first, up to the size that the table asks for.
   */
  async merged(
    manifests: readonly ManifestFile[],
    metadata: TableMetadata,
    sequenceNumber: bigint,
  ): Promise<readonly ManifestFile[]> {
    const { least, size } = mergeSettings(metadata)
    if (manifests.length < least) return manifests
    const merged: ManifestFile[] = []
    for (const bin of bins(manifests, size)) {
      const [only] = bin
      if (bin.length === 1 && only !== undefined) merged.push(only)
      else merged.push(await this.#join(bin, metadata, sequenceNumber))
    }
    return merged
  }

  async #join(bin: readonly ManifestFile[], metadata: TableMetadata, sequenceNumber: bigint): Promise<ManifestFile> {
    const entries: ManifestEntry[] = []
    for (const manifest of bin) {
      for (const entry of await liveEntries(manifest, metadata)) entries.push({ ...entry, status: EXISTING })
    }
    return await this.#write('merged', bin, entries, metadata, sequenceNumber)
  }

  async #write(
    name: string,
    from: readonly ManifestFile[],
    entries: readonly ManifestEntry[],
    metadata: TableMetadata,
    sequenceNumber: bigint,
  ): Promise<ManifestFile> {
    const specId = (from[0] as ManifestFile).specId
    const partition = boundSpec(metadata, specId)
    const key = JSON.stringify([name, ...from.map(({ path }) => path)])
    let file = this.#written.get(key)
    if (file === undefined) {
      const header = { schema: currentSchema(metadata), spec: specOf(metadata, specId), partition }
      const bytes = await writeManifest(header, entries)
      file = { path: `${this.#folder}/${name}-${this.#written.size}-${nonce()}.avro`, length: bytes.length }
      await writeTableFile(file.path, bytes)
      this.#written.set(key, file)
    }
    return manifestFile(entries, { ...file, specId, partition, sequenceNumber, snapshotId: this.#snapshotId })
  }
}

/** A process that takes a commit over may meet files of the one before. */
export function nonce(): string {
  return crypto.randomUUID().slice(0, 8)
}

function mergeSettings({ properties = {} }: TableMetadata): { least: number; size: bigint } {
  const enabled = properties['commit.manifest-merge.enabled'] !== 'false'
  const least = Number(properties['commit.manifest.min-count-to-merge'] ?? 100)
  return {
    least: enabled && least > 1 ? least : Number.POSITIVE_INFINITY,
    size: BigInt(properties['commit.manifest.target-size-bytes'] ?? 8 << 20),
  }
}

function bins(manifests: readonly ManifestFile[], size: bigint): readonly (readonly ManifestFile[])[] {
  const all: ManifestFile[][] = []
  for (const ofSpec of Map.groupBy(manifests, ({ specId }) => specId).values()) {
    let room = 0n
    // Lists have the latest first; what is old is full and stays.
    for (const manifest of ofSpec.toReversed()) {
      if (manifest.length > room) {
        all.push([])
        room = size
      }
      all.at(-1)?.push(manifest)
      room -= manifest.length
    }
  }
  return all.reverse()
}
