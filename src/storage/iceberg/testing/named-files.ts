import { boundSpec } from '../live-files.ts'
import { readManifest } from '../manifest.ts'
import { readManifestList } from '../manifest-list.ts'
import { readTableFile } from '../table-files.ts'
import type { TableMetadata } from '../table-metadata.ts'

/** The addresses of all files that the snapshots of a table name, data files among them, and its older metadata. */
export async function namedFiles(metadata: TableMetadata): Promise<ReadonlySet<string>> {
  const named = new Set((metadata['metadata-log'] ?? []).map((entry) => entry['metadata-file']))
  for (const snapshot of metadata.snapshots ?? []) {
    const list = snapshot['manifest-list'] as string
    named.add(list)
    for (const { path, specId } of await readManifestList(await readTableFile(list), list)) {
      named.add(path)
      const entries = await readManifest(await readTableFile(path), path, boundSpec(metadata, specId))
      for (const { file } of entries) named.add(file.path)
    }
  }
  return named
}
