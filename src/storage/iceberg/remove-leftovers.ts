import { readManifestList } from './manifest-list.ts'
import { listFolder, readTableFile, removeTableFile } from './table-files.ts'
import type { TableMetadata } from './table-metadata.ts'

/**
 * Removes from the folder of a run that was committed what attempts left which came to nothing, because their process was
 * killed. Only the run's own snapshot names files there, and those after it what that one names. Idempotent.
 */
export async function removeLeftovers({ snapshots = [] }: TableMetadata, folder: string): Promise<void> {
  const list = snapshots
    .map((snapshot) => snapshot['manifest-list'] ?? '')
    .find((path) => path.startsWith(`${folder}/`))
  // It expired, and nobody can tell any more.
  if (list === undefined) return
  const manifests = await readManifestList(await readTableFile(list), list)
  const named = new Set([list, ...manifests.map(({ path }) => path)])
  for (const file of await listFolder(folder)) if (!named.has(file)) await removeTableFile(file)
}
